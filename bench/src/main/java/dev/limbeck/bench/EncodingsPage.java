package dev.limbeck.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.quantize.Encodings;
import dev.limbeck.quantize.Granularity;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.workers.common.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Exchanges encodings with aimet-onnx. {@code write FOLDER} quantizes the network with ReLU6 of {@link QuantizationData} and writes its
 * encodings in each version for {@code bench/peers/encodings.py}; {@code read FOLDER PAGE COMMIT} reads what that script made of them
 * and AIMET's own, and writes the page.
 */
public final class EncodingsPage {

    /** By the name that files have. */
    private static final Map<String, Granularity> SCALES =
            new TreeMap<>(Map.of("tensor", Granularity.PER_TENSOR, "channel", Granularity.PER_CHANNEL));

    private static final String LIMBECK = "Limbeck";

    private final Path folder;
    private final Graph network;
    private final StringBuilder page = new StringBuilder();

    private EncodingsPage(Path data) throws IOException {
        folder = Files.createDirectories(data.resolve("encodings"));
        network = Graph.read(data.resolve("relu6.onnx"));
    }

    public static void main(String[] arguments) throws IOException {
        Locale.setDefault(Locale.ROOT);
        EncodingsPage exchange = new EncodingsPage(Path.of(arguments[1]));
        if (arguments[0].equals("write")) {
            exchange.write();
        } else {
            exchange.read(arguments[3]);
            Files.writeString(Path.of(arguments[2]), exchange.page);
        }
    }

    private void write() {
        Quantizer.prepare(network).write(folder.resolve("prepared.onnx"));
        SCALES.forEach((scales, granularity) -> {
            Encodings encodings = Encodings.of(quantized(granularity));
            for (Encodings.Version version : Encodings.Version.values()) {
                encodings.write(file("limbeck", scales, version.text()), version);
            }
        });
    }

    private Path file(String origin, String scales, String version) {
        return folder.resolve(origin + "-" + scales + "-" + version + ".encodings");
    }

    private Quantized quantized(Granularity granularity) {
        return Quantizer.quantize(
                network,
                QuantizationData.calibrationImages(network),
                QuantizeOptions.builder().granularity(granularity).build());
    }

    private void read(String commit) throws IOException {
        JsonNode aimet = Json.mapper().readTree(folder.resolve("aimet.json").toFile());
        ImageDataset test = QuantizationData.splits().test();
        Graph prepared = Graph.read(folder.resolve("prepared.onnx"));
        Map<String, Double> own = new LinkedHashMap<>();
        SCALES.forEach((scales, granularity) ->
                own.put(scales, Evaluation.accuracy(quantized(granularity).graph(), test, 1)));
        head(aimet.get("version").asText(), commit);
        double largest = 0;
        for (JsonNode row : aimet.get("rows")) {
            String scales = row.get("scales").asText();
            String version = row.get("version").asText();
            boolean written = row.get("from").asText().equals(LIMBECK);
            double theirs = row.get("accuracy").asDouble();
            double ours = written
                    ? own.get(scales)
                    : Evaluation.accuracy(
                            Quantizer.quantize(prepared, Encodings.read(file("aimet", scales, version), prepared))
                                    .graph(),
                            test,
                            1);
            largest = Math.max(largest, Math.abs(ours - theirs));
            line("| %s | %s | %s | %.2f | %.2f |"
                    .formatted(
                            row.get("from").asText(),
                            version,
                            SCALES.get(scales).describe(),
                            100 * ours,
                            100 * theirs));
        }
        line("");
        line("Largest difference: %.2f points.".formatted(100 * largest));
    }

    private void head(String aimet, String commit) {
        line("# Encodings exchanged with AIMET");
        line("");
        line("Written by `bench/encodings-page`, %s, commit %s, aimet-onnx %s."
                .formatted(LocalDate.now(ZoneOffset.UTC), commit, aimet));
        line("");
        line(
                "Encodings are the grids of a network's tensors: scale, offset and bits of each. Limbeck reads and writes AIMET's JSON of the");
        line(
                "versions 0.6.1, 1.0.0 and 2.0.0. Below, one side chose the encodings of a MobileNetV2 for Fashion-MNIST from 512 images and the");
        line(
                "other read its file: top-1 on the 10,000 test images in ONNX Runtime's integer kernels (Limbeck) and in AIMET's simulation.");
        line("");
        line("| encodings of | version | weights | Limbeck % | aimet-onnx % |");
        line("| --- | --- | --- | --- | --- |");
    }

    private void line(String text) {
        page.append(text).append('\n');
    }
}
