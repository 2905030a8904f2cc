package dev.limbeck.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.measure.KernelCoverage;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.measure.MachineState;
import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Progress;
import dev.limbeck.workers.common.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Quantizes the networks of {@link QuantizationData} by Limbeck's methods, measures latencies, and writes docs/quantization.md with
 * what {@code bench/peers/quantization.py} made of the same files. Arguments: their folder, the page to write, the commit.
 */
public final class QuantizationPage {

    private static final List<String> NETWORKS = List.of("relu6.onnx", "R1.onnx", "R2.onnx");

    private final Path folder;
    private final JsonNode peers;
    private final Map<String, Double> floats = new LinkedHashMap<>();
    private final List<QuantizationRow> rows = new ArrayList<>();
    private final StringBuilder page = new StringBuilder();
    private final Map<String, Double> medians = new LinkedHashMap<>();
    private List<String> unequal = List.of();

    private QuantizationPage(Path folder) throws IOException {
        this.folder = folder;
        this.peers = Json.mapper().readTree(folder.resolve("peers.json").toFile());
    }

    public static void main(String[] arguments) throws IOException {
        Locale.setDefault(Locale.ROOT);
        QuantizationPage page = new QuantizationPage(Path.of(arguments[0]));
        page.collect();
        page.head(arguments[2]);
        page.accuracies();
        page.times();
        page.latencies();
        page.bars();
        Files.writeString(Path.of(arguments[1]), page.page.toString());
    }

    private void collect() {
        peers.get("rows").forEach(row -> rows.add(QuantizationRow.of(row)));
        Graph first = Graph.read(folder.resolve(NETWORKS.getFirst()));
        FloatTensor images = QuantizationData.calibrationImages(first);
        ImageDataset test = QuantizationData.splits().test();
        QuantizationMethods methods = new QuantizationMethods(images, test, folder);
        for (String network : NETWORKS) {
            floats.put(network, Evaluation.accuracy(Graph.read(folder.resolve(network)), test, 1));
            rows.addAll(methods.run(network, !network.equals(NETWORKS.getFirst())));
        }
        unequal = methods.unequal();
    }

    private void head(String commit) {
        MachineState machine = MachineState.read();
        line("# Quantization after training, beside onnxruntime and AIMET");
        line("");
        line(
                "Written by `bench/quantization-page`. Every tool got the same files, the same %d images without labels for calibration, one"
                        .formatted(peers.get("calibrationImages").asInt()));
        line(
                "thread, and the same %,d test images; accuracies are top-1. The networks are MobileNetV2s of 25 convolutions for Fashion-MNIST:"
                        .formatted(peers.get("testImages").asInt()));
        line(
                "one with ReLU6; R1, one with ReLU whose channels are rescaled between convolutions by log-normal factors (sd 2), which leaves");
        line(
                "the float function as it was; R2, the same and also through the average pooling into the last Gemm. Accuracies are those of");
        line(
                "sums that do not saturate, whatever the processor (`session.x64quantprecision`); latencies those of ONNX Runtime's defaults.");
        line("");
        line("- date: %s, commit %s".formatted(LocalDate.now(ZoneOffset.UTC), commit));
        line("- machine: %s, %d cores, %s, %s"
                .formatted(machine.cpuModel(), machine.cores(), RuntimeVersion.current(), machine.jvm()));
        line("- peers: " + versions());
        line("- float: "
                + floats.entrySet().stream()
                        .map(e -> title(e.getKey()) + " " + percent(e.getValue()) + " %")
                        .collect(Collectors.joining(", ")));
    }

    private String versions() {
        List<String> names = new ArrayList<>();
        peers.get("versions")
                .fields()
                .forEachRemaining(e -> names.add(e.getKey() + " " + e.getValue().asText()));
        return String.join(", ", names);
    }

    private void accuracies() {
        for (int bits : List.of(8, 4, 3, 2)) {
            if (rows.stream().anyMatch(row -> row.bits() == bits)) {
                line("");
                line("## %d-bit weights, 8-bit activations".formatted(bits));
                line("Top-1 in percent, one weight scale a tensor / a channel.");
                table(bits, row -> percent(row.accuracy()));
            }
        }
    }

    private void times() {
        line("");
        line("## Time");
        line(
                "CPU seconds from the float network to the quantized one, one weight scale a tensor / a channel, with 4-bit weights where a");
        line("method is for these. AdaRound takes 1,000 iterations a layer, block reconstruction 300 a block.");
        for (int bits : List.of(8, 4)) {
            table(bits, row -> "%.1f".formatted(row.cpuSeconds()));
        }
    }

    private void table(int bits, Function<QuantizationRow, String> text) {
        line("");
        line("| method | " + NETWORKS.stream().map(QuantizationPage::title).collect(Collectors.joining(" | ")) + " |");
        line("| --- |" + " --- |".repeat(NETWORKS.size()));
        Set<String> methods = rows.stream()
                .filter(row -> row.bits() == bits)
                .map(QuantizationRow::method)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        for (String method : methods) {
            String cells = NETWORKS.stream()
                    .map(network ->
                            cell(method, bits, network, false, text) + " / " + cell(method, bits, network, true, text))
                    .collect(Collectors.joining(" | "));
            line("| %s | %s |".formatted(method, cells));
        }
    }

    private String cell(
            String method, int bits, String network, boolean perChannel, Function<QuantizationRow, String> text) {
        return rows.stream()
                .filter(row -> row.method().equals(method)
                        && row.bits() == bits
                        && row.network().equals(network)
                        && row.perChannel() == perChannel)
                .map(text)
                .findFirst()
                .orElse("–");
    }

    private void latencies() throws IOException {
        line("");
        line("## Files of 8-bit weights in ONNX Runtime");
        line("Batch 1, one thread, the network with ReLU6; all files measured in turns.");
        line("");
        line("| file | p50 ms | p90 ms | of float | convolutions in integer kernels | kB |");
        line("| --- | --- | --- | --- | --- | --- |");
        Map<String, Path> files = new LinkedHashMap<>();
        files.put("float", folder.resolve(NETWORKS.getFirst()));
        for (QuantizationRow row : rows) {
            if (row.bits() == 8
                    && row.network().equals(NETWORKS.getFirst())
                    && row.model().isPresent()) {
                files.put(file(row), row.model().get());
            }
        }
        List<Graph> graphs = files.values().stream().map(Graph::read).toList();
        List<LatencyMeasurement> measured = LatencyMeasurer.ofThisMachine()
                .measureInterleaved(graphs, 1, 1, LatencyProtocol.standard().withRuns(9, 15), Progress.NONE);
        int i = 0;
        for (Map.Entry<String, Path> file : files.entrySet()) {
            LatencyMeasurement latency = measured.get(i);
            medians.put(file.getKey(), latency.p50Millis());
            KernelCoverage coverage = KernelCoverage.of(graphs.get(i), SessionOptions.defaults());
            line("| %s | %.3f | %.3f | %.2f | %s | %d |"
                    .formatted(
                            file.getKey(),
                            latency.p50Millis(),
                            latency.p90Millis(),
                            latency.p50Millis() / measured.getFirst().p50Millis(),
                            i == 0 ? "" : "%.0f %%".formatted(100 * coverage.convolutionShare()),
                            Files.size(file.getValue()) / 1000));
            i++;
        }
    }

    private void bars() {
        line("");
        line("## What was asked for");
        line("Points below float, the worse of the named networks; negative is better than float.");
        line("");
        line("| what | bar | reached |");
        line("| --- | --- | --- |");
        Predicate<QuantizationRow> ours = row -> row.tool().equals(QuantizationRow.LIMBECK);
        Predicate<QuantizationRow> hard = row -> !row.network().equals("relu6.onnx");
        bar(
                "8 bits, per tensor, without data, R1 and R2",
                "0.5",
                worst(ours.and(hard)
                        .and(row -> row.bits() == 8
                                && !row.perChannel()
                                && row.steps().equals(QuantizationMethods.DATA_FREE))));
        bar(
                "8 bits, per tensor and per channel, 512 images, R1 and R2",
                "0.2",
                worst(ours.and(hard)
                        .and(row -> row.bits() == 8 && row.steps().equals(QuantizationMethods.WITH_IMAGES))));
        bar(
                "4-bit weights per channel, ReLU6, the best method",
                "0.2",
                best(ours.and(hard.negate()).and(row -> row.bits() == 4 && row.perChannel())));
        bar(
                "the same of AIMET",
                "",
                best(row -> row.tool().equals(QuantizationRow.AIMET)
                        && !hard.test(row)
                        && row.bits() == 4
                        && row.perChannel()));
        line("| CPU time of AdaRound, 4 bits per channel, ReLU6, over AIMET's | 0.25 | %s |"
                .formatted(figure(ratio(adaRoundSeconds(ours), adaRoundSeconds(ours.negate())))));
        bar(
                "4-bit weights per tensor, ReLU6, the best method",
                "1",
                best(ours.and(hard.negate()).and(row -> row.bits() == 4 && !row.perChannel())));
        for (int bits : List.of(3, 2)) {
            Predicate<QuantizationRow> low = row -> row.bits() == bits && row.perChannel();
            bar(
                    bits + "-bit weights per channel, ReLU6, block reconstruction",
                    "below both AdaRounds",
                    best(ours.and(low).and(row -> row.steps().equals(QuantizationMethods.BLOCKS))));
            bar("the same by Limbeck's AdaRound", "", best(ours.and(low).and(QuantizationPage::isAdaRound)));
            bar("the same by AIMET's AdaRound", "", best(ours.negate().and(low).and(QuantizationPage::isAdaRound)));
        }
        line("| CPU time of calibration and export, 8 bits per channel, over quantize_static's | 1 | %s |"
                .formatted(figure(ratio(cpuSeconds(ours.and(row -> row.steps().isEmpty())), cpuSeconds(row -> row.tool()
                        .equals(QuantizationRow.ONNX_RUNTIME))))));
        Predicate<QuantizationRow> eight =
                row -> row.bits() == 8 && row.network().equals(NETWORKS.getFirst());
        OptionalDouble fastest = latency(eight.and(ours));
        line("| p50 of the fastest INT8 file over that of quantize_static's | 1 | %s |"
                .formatted(figure(
                        ratio(fastest, latency(eight.and(row -> row.tool().equals(QuantizationRow.ONNX_RUNTIME)))))));
        line("| p50 of the fastest INT8 file over float's | 1 | %s |"
                .formatted(figure(ratio(fastest, OptionalDouble.of(medians.get("float"))))));
        line("| the same file a second time, byte for byte | all | %s |"
                .formatted(unequal.isEmpty() ? "all" : "not " + String.join(", ", unequal)));
    }

    private void bar(String what, String bar, OptionalDouble drop) {
        line("| %s | %s | %s |".formatted(what, bar, figure(drop)));
    }

    private static String figure(OptionalDouble value) {
        return value.isPresent() ? "%.2f".formatted(value.getAsDouble()) : "–";
    }

    private OptionalDouble worst(Predicate<QuantizationRow> which) {
        return rows.stream().filter(which).mapToDouble(this::drop).max();
    }

    private OptionalDouble best(Predicate<QuantizationRow> which) {
        return rows.stream().filter(which).mapToDouble(this::drop).min();
    }

    private double drop(QuantizationRow row) {
        return 100 * (floats.get(row.network()) - row.accuracy());
    }

    /** Median over the networks, 8 bits per channel. */
    private OptionalDouble cpuSeconds(Predicate<QuantizationRow> which) {
        double[] seconds = rows.stream()
                .filter(which.and(row -> row.bits() == 8 && row.perChannel()))
                .mapToDouble(QuantizationRow::cpuSeconds)
                .sorted()
                .toArray();
        return seconds.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(seconds[seconds.length / 2]);
    }

    private static boolean isAdaRound(QuantizationRow row) {
        return row.steps().equals(QuantizationMethods.ADAROUND);
    }

    private OptionalDouble adaRoundSeconds(Predicate<QuantizationRow> which) {
        return rows.stream()
                .filter(which.and(QuantizationPage::isAdaRound))
                .filter(row ->
                        row.bits() == 4 && row.perChannel() && row.network().equals(NETWORKS.getFirst()))
                .mapToDouble(QuantizationRow::cpuSeconds)
                .findFirst();
    }

    private OptionalDouble latency(Predicate<QuantizationRow> which) {
        return rows.stream()
                .filter(which)
                .map(row -> medians.get(file(row)))
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .min();
    }

    private static String file(QuantizationRow row) {
        return row.method() + (row.perChannel() ? ", per channel" : ", per tensor");
    }

    private static OptionalDouble ratio(OptionalDouble a, OptionalDouble b) {
        return a.isPresent() && b.isPresent()
                ? OptionalDouble.of(a.getAsDouble() / b.getAsDouble())
                : OptionalDouble.empty();
    }

    private static String title(String network) {
        return network.equals("relu6.onnx") ? "ReLU6" : network.replace(".onnx", "");
    }

    private static String percent(double fraction) {
        return "%.2f".formatted(100 * fraction);
    }

    private void line(String text) {
        page.append(text).append('\n');
    }
}
