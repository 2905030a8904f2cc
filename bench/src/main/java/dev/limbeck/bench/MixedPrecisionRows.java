package dev.limbeck.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.Samples;
import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.MixedPrecision;
import dev.limbeck.quantize.MixedPrecision.Choice;
import dev.limbeck.quantize.MixedSearch;
import dev.limbeck.quantize.OutputLoss;
import dev.limbeck.quantize.Precision;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What docs/mixed-precision.md tells of one network: what both searches find at several budgets and what that reaches on the test images;
 * and, where {@code NAME.peer.json} says what AIMET found, what the exact search finds at the same bit-operations. Arguments: the network,
 * the folder that gets {@code NAME.json}.
 */
public final class MixedPrecisionRows {

    private static final double[] BUDGETS = {0.5, 0.35, 0.3};

    private final MixedPrecision mixed;
    private final RememberedAccuracy memory;
    private final ArrayNode rows;

    private MixedPrecisionRows(MixedPrecision mixed, RememberedAccuracy memory, ArrayNode rows) {
        this.mixed = mixed;
        this.memory = memory;
        this.rows = rows;
    }

    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        Path folder = Files.createDirectories(Path.of(arguments[1]));
        String name = file.getFileName().toString().replace(".onnx", "");
        Graph network = Graph.read(file);
        FloatTensor images = QuantizationData.calibrationImages(network);
        QuantizeOptions options = QuantizeOptions.builder()
                .calibration(Calibration.MSE)
                .weightCalibration(Calibration.MSE)
                .build();
        Samples test = QuantizationData.splits().test().fitting(network);
        Items items = Items.of(network, images);
        RememberedAccuracy memory = new RememberedAccuracy(folder.resolve("store"), network.digest(), test);
        MixedPrecision mixed = MixedPrecision.measure(
                network,
                items,
                options,
                Precision.parse("4,8"),
                MixedPrecision.loss(network, items, OutputLoss.KL, options),
                memory,
                Progress.NONE);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = mapper.createObjectNode();
        root.put("network", name);
        root.put("floatAccuracy", Evaluation.accuracy(network, test, 1));
        MixedPrecisionRows table = new MixedPrecisionRows(mixed, memory, root.putArray("rows"));
        table.fill();
        Path peer = folder.resolve(name + ".peer.json");
        if (Files.exists(peer)) {
            MixedPrecisionRows beside = new MixedPrecisionRows(mixed, memory, root.putArray("peer"));
            beside.fill(mapper.readTree(peer.toFile()));
        }
        mapper.writerWithDefaultPrettyPrinter()
                .writeValue(folder.resolve(name + ".json").toFile(), root);
    }

    private void fill() {
        Choice widest = mixed.choices(MixedSearch.GREEDY).getLast();
        add("8 bits", widest);
        for (double budget : BUDGETS) {
            Choice greedy = mixed.within(MixedSearch.GREEDY, (long) (budget * mixed.reference()))
                    .orElseThrow();
            add("greedy", greedy);
            add("exact", mixed.within(MixedSearch.EXACT, greedy.cost()).orElseThrow());
        }
        add("4 bits", mixed.choices(MixedSearch.GREEDY).getFirst());
    }

    /** @param peer rows with the share of the 8-bit network's bit-operations and the accuracy */
    private void fill(JsonNode peer) {
        for (JsonNode row : peer) {
            double share = row.get("share").asDouble();
            rows.addObject()
                    .put("method", "AIMET")
                    .put("share", share)
                    .put("accuracy", row.get("accuracy").asDouble());
            add("exact", mixed.within(share).orElseThrow());
        }
    }

    private void add(String method, Choice choice) {
        System.err.println(method + " " + choice.cost());
        rows.addObject()
                .put("method", method)
                .put("share", (double) choice.cost() / mixed.reference())
                .put("predictedLoss", choice.predictedLoss())
                .put("loss", mixed.loss(choice))
                .put("accuracy", memory.of(choice.precisions().toString(), () -> mixed.quantized(choice)));
    }
}
