package dev.limbeck.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes docs/compression.md from what {@code limbeck compress --json} and {@code limbeck measure --json} said. Arguments: the folder
 * with their answers, the epochs that the network was trained for, those of finetuning, the page, the commit.
 */
public final class CompressionPage {

    private static final List<String> VARIANTS =
            List.of("spatial-svd-1", "spatial-svd-8", "channel-pruning-1", "channel-pruning-16");

    /** Spatial SVD to shares of the operations and of the latency. */
    private static final List<String> SHARES =
            List.of("macs-0.4", "spatial-svd-1", "macs-0.6", "macs-0.7", "latency-0.6", "latency-0.7", "latency-0.8");

    private CompressionPage() {}

    public static void main(String[] arguments) throws IOException {
        Locale.setDefault(Locale.ROOT);
        Path folder = Path.of(arguments[0]);
        ObjectMapper mapper = new ObjectMapper();
        Graph network = Graph.read(folder.resolve("network.onnx"));
        JsonNode latency = mapper.readTree(folder.resolve("latency.json").toFile());
        StringBuilder page = new StringBuilder();
        page.append("""
                # Compressed networks

                `limbeck compress net.onnx --scheme spatial-svd --ratio 0.5 --data photos/ --epochs 3 -o small.onnx` makes a trained
                network smaller; `limbeck compress --help` says what it can do, and `Compression.compressModel` is the same in Java.

                Written by `bench/compression-page` at commit %s: '%s' of %.2f million MACs, trained on Fashion-MNIST for %s epochs,
                compressed by `limbeck compress --ratio 0.5 --images 500`, finetuned for %s epochs by what it answered and by labels. Accuracy is on the
                10,000 test images; multiples are those of `--multiple`, to which ranks or channels are rounded: ONNX Runtime's
                convolutions work on blocks of 8 or 16 channels, and what falls between costs time. Latency is the median on one thread of this machine (%s), the networks' runs alternating.

                | network | MACs | parameters | accuracy before finetuning | accuracy | change, points | p50, ms | latency |
                | --- | --: | --: | --: | --: | --: | --: | --: |
                """.formatted(
                        arguments[4],
                        network.name(),
                        Cost.of(network).macs() / 1e6,
                        arguments[1],
                        arguments[2],
                        latency.get(0).get("machine").path("cpuModel").asText()));
        double whole = latency.get(0).get("p50Millis").asDouble();
        StringBuilder layers = new StringBuilder();
        for (String variant : VARIANTS) {
            int dash = variant.lastIndexOf('-');
            String scheme = variant.substring(0, dash) + ", multiples of " + variant.substring(dash + 1);
            JsonNode answer = mapper.readTree(folder.resolve(variant + ".json").toFile());
            if (variant.equals(VARIANTS.getFirst())) {
                page.append("| as trained | %.2f M | %,d | | %.2f %% | | %.3f | 100 %% |%n"
                        .formatted(
                                answer.get("macsBefore").asLong() / 1e6,
                                answer.get("parametersBefore").asLong(),
                                100 * answer.get("accuracyBefore").asDouble(),
                                whole));
            }
            double measured =
                    latency.get(1 + VARIANTS.indexOf(variant)).get("p50Millis").asDouble();
            page.append("| %s | %.2f M | %,d | %.2f %% | %.2f %% | %+.2f | %.3f | %.0f %% |%n"
                    .formatted(
                            scheme,
                            answer.get("macs").asLong() / 1e6,
                            answer.get("parameters").asLong(),
                            100 * answer.get("accuracyBeforeFinetuning").asDouble(),
                            100 * answer.get("accuracy").asDouble(),
                            100
                                    * (answer.get("accuracy").asDouble()
                                            - answer.get("accuracyBefore").asDouble()),
                            measured,
                            100 * measured / whole));
            layers.append("""

                    ## What %s left of each layer
                    Divergence is that of the network's answers from the original's where only this layer is compressed, and so far.

                    | layer | share | left | divergence alone, nats |
                    | --- | --: | --: | --: |
                    """.formatted(scheme));
            for (JsonNode layer : answer.get("layers")) {
                layers.append("| %s | %.0f %% | %d | %.4f |%n"
                        .formatted(
                                layer.get("unit").asText(),
                                100 * layer.get("ratio").asDouble(),
                                layer.get("kept").asInt(),
                                0 - layer.get("score").asDouble()));
            }
        }
        page.append(byLatency(folder, mapper, latency));
        page.append(peers(folder, mapper));
        page.append(layers);
        Files.writeString(Path.of(arguments[3]), page.toString());
    }

    /** The same scheme towards operations and towards latency, the fastest first. */
    private static String byLatency(Path folder, ObjectMapper mapper, JsonNode latency) throws IOException {
        StringBuilder rows = new StringBuilder("""

                ## Towards latency
                Spatial SVD in multiples of 1 to shares of the operations (`--cost macs`) and of the latency that this machine measures
                (`--cost latency`), finetuned as above; the fastest first, measured together with those above. One finetuning differs from
                the next by a tenth of a point, so the accuracy before it says more of the choice.

                | wanted | MACs | accuracy before finetuning | accuracy | p50, ms | latency |
                | --- | --: | --: | --: | --: | --: |
                """);
        Map<String, Double> medians = new HashMap<>();
        latency.forEach(measured -> medians.put(
                measured.get("model").asText().replace(".onnx", ""),
                measured.get("p50Millis").asDouble()));
        List<String> fastest =
                SHARES.stream().sorted(Comparator.comparing(medians::get)).toList();
        for (String name : fastest) {
            JsonNode answer = mapper.readTree(folder.resolve(name + ".json").toFile());
            double share = name.startsWith("spatial") ? 0.5 : Double.parseDouble(name.substring(name.indexOf('-') + 1));
            rows.append("| %.0f %% of the %s | %.2f M | %.2f %% | %.2f %% | %.3f | %.0f %% |%n"
                    .formatted(
                            100 * share,
                            name.startsWith("latency") ? "latency" : "operations",
                            answer.get("macs").asLong() / 1e6,
                            100 * answer.get("accuracyBeforeFinetuning").asDouble(),
                            100 * answer.get("accuracy").asDouble(),
                            medians.get(name),
                            100 * medians.get(name) / medians.get("network")));
        }
        return rows.toString();
    }

    /** What aimet-torch made of the same network, beside Limbeck; empty where it was left out. */
    private static String peers(Path folder, ObjectMapper mapper) throws IOException {
        StringBuilder rows = new StringBuilder();
        for (String scheme : List.of("spatial-svd", "channel-pruning")) {
            Path file = folder.resolve("aimet-" + scheme + ".json");
            if (!Files.exists(file)) {
                continue;
            }
            JsonNode peer = mapper.readTree(file.toFile());
            List<Double> theirs = new ArrayList<>();
            peer.get("accuracies").forEach(accuracy -> theirs.add(100 * accuracy.asDouble()));
            List<Double> ours = new ArrayList<>();
            for (int seed = 1; seed <= theirs.size(); seed++) {
                String name = seed == 1 ? scheme + "-1.json" : scheme + "-1-seed-" + seed + ".json";
                ours.add(100
                        * mapper.readTree(folder.resolve(name).toFile())
                                .get("accuracy")
                                .asDouble());
            }
            JsonNode own = mapper.readTree(folder.resolve(scheme + "-1.json").toFile());
            if (rows.isEmpty()) {
                rows.append("""

                        ## Beside aimet-torch %s
                        The same network, images for judging and calibration, and finetuning (there in PyTorch), multiples of 1; AIMET chooses
                        ratios greedily. One finetuning differs from the next by more than the tools do, so each network was finetuned
                        with seeds 1 to %d; ± is the standard error of the mean.

                        | network | MACs | accuracy before finetuning | accuracy, each | mean |
                        | --- | --: | --: | --: | --: |
                        """.formatted(peer.get("version").asText(), theirs.size()));
            }
            rows.append(beside(scheme, "Limbeck", own.get("left"), own, ours));
            rows.append(beside(scheme, "aimet-torch", peer.get("ratio"), peer, theirs));
        }
        return rows.toString();
    }

    private static String beside(String scheme, String tool, JsonNode left, JsonNode answer, List<Double> accuracies) {
        double mean = accuracies.stream().mapToDouble(x -> x).average().orElseThrow();
        double squares =
                accuracies.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
        int count = accuracies.size();
        return "| %s, %s | %.1f %% | %.2f %% | %s | %.2f ± %.2f %% |%n"
                .formatted(
                        scheme,
                        tool,
                        100 * left.asDouble(),
                        100 * answer.get("accuracyBeforeFinetuning").asDouble(),
                        accuracies.stream().map("%.2f"::formatted).collect(Collectors.joining(", ")),
                        mean,
                        Math.sqrt(squares / Math.max(1, count - 1) / count));
    }
}
