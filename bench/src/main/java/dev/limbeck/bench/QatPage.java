package dev.limbeck.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Writes what docs/mixed-precision.md says under {@value MixedPrecisionPage#KEPT}, from the answers that {@code bench/qat-page} gathered.
 * Arguments: the network, their folder, the page, the commit.
 *
 * <p>{@code rows} in the folder has a line for each, of columns separated by bars: the name of its {@code .json} and {@code .onnx}, the
 * epochs, what the page calls it.
 */
public final class QatPage {

    private final Path folder;
    private final Graph network;
    private final RememberedAccuracy accuracies;
    private final ObjectMapper mapper = new ObjectMapper();
    private final StringBuilder page = new StringBuilder();

    private QatPage(Graph network, Path folder) {
        this.network = network;
        this.folder = folder;
        Samples test = QuantizationData.splits().test().fitting(network);
        accuracies = new RememberedAccuracy(folder.resolve("store"), network.digest(), test);
    }

    public static void main(String[] arguments) throws IOException {
        Locale.setDefault(Locale.ROOT);
        QatPage section = new QatPage(Graph.read(Path.of(arguments[0])), Path.of(arguments[1]));
        section.head(arguments[3]);
        section.rows();
        section.steps();
        Path file = Path.of(arguments[2]);
        String before = Files.readString(file);
        int at = before.indexOf(MixedPrecisionPage.KEPT);
        String others = at < 0 ? before + "\n" : before.substring(0, at);
        Files.writeString(file, others + section.page);
    }

    private void head(String commit) {
        page.append(MixedPrecisionPage.KEPT).append("""

                Written by `bench/qat-page` at commit %s: '%s', quantized by `limbeck quantize`, ranges by MSE on 512 training images, accuracy
                as above. Rows with epochs were trained for so many on all training images, by what the float network gives. *QAT* has the same
                bits everywhere, and the learning rate 0.003; so has brevitas but for its learning rate, which got the same file, images, batches
                and schedule. *Bayesian Bits* learns 2, 4 or 8 bits for each tensor and takes out channels, at the learning rate 0.003;
                *greedy* chooses 2, 4 or 8 bits for each group of layers, without training.

                | network | epochs | bit-operations of the 8-bit network's | channels taken out | accuracy | change, points |
                | --- | --: | --: | --: | --: | --: |
                """.formatted(commit, network.name()));
    }

    private void rows() throws IOException {
        double floats = accuracies.of("floats", () -> network);
        page.append("| floats | | | | %.2f %% | |%n".formatted(100 * floats));
        for (String line : Files.readAllLines(folder.resolve("rows"))) {
            String[] row = line.split("\\|", -1);
            JsonNode answer = answer(row[0]);
            double accuracy = answer.path("tool").asText().equals("brevitas")
                    ? answer.get("accuracy").asDouble()
                    : accuracies.of(row[0], () -> Graph.read(folder.resolve(row[0] + ".onnx")));
            JsonNode bits = answer.path("bits");
            page.append("| %s | %s | %.2f %% | %s | %.2f %% | %+.2f |%n"
                    .formatted(
                            row[2],
                            row[1],
                            100 * share(row[0], answer),
                            bits.has("channels")
                                    ? bits.get("channelsTakenOut").asInt() + " of "
                                            + bits.get("channels").asInt()
                                    : "",
                            100 * accuracy,
                            100 * (accuracy - floats)));
        }
    }

    /** Of the 8-bit network's bit-operations; the same bits everywhere are the last number of the row's name. */
    private static double share(String name, JsonNode answer) {
        JsonNode bits = answer.path("bits");
        if (bits.has("bitOperations")) {
            return bits.get("bitOperations").asDouble();
        }
        if (answer.has("mixed")) {
            return answer.get("mixed").get("share").asDouble();
        }
        double uniform = Integer.parseInt(name.substring(name.lastIndexOf('-') + 1)) / 8.0;
        return uniform * uniform;
    }

    private void steps() throws IOException {
        JsonNode ours = answer("steps");
        double floats = ours.get("floatMillis").asDouble();
        page.append("""

                CPU time of a step of training on one thread, 64 images, the median of steps in turns: %.1f ms in floats (%.1f ms with batch
                norms folded); QAT with 4 bits takes %.2f times as long, Bayesian Bits %.2f times.""".formatted(
                        floats,
                        ours.get("foldedMillis").asDouble(),
                        ours.get("qatMillis").asDouble() / floats,
                        ours.get("bayesianBitsMillis").asDouble() / floats));
        if (Files.exists(folder.resolve("brevitas-4.json"))) {
            JsonNode peer = answer("brevitas-4");
            page.append("\nIn PyTorch %s a step takes %.1f ms in floats, and with brevitas %s %.2f times as long."
                    .formatted(
                            peer.get("torch").asText(),
                            peer.get("floatStepMillis").asDouble(),
                            peer.get("version").asText(),
                            peer.get("stepMillis").asDouble()
                                    / peer.get("floatStepMillis").asDouble()));
        }
        page.append("\n");
    }

    private JsonNode answer(String name) throws IOException {
        return mapper.readTree(folder.resolve(name + ".json").toFile());
    }
}
