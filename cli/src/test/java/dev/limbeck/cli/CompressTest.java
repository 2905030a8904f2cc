package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.Provenance;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command that makes networks smaller, of a tiny one. */
class CompressTest {

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private Path network;
    private Path data;

    @BeforeEach
    void makeNetwork() throws IOException {
        network = TinyRun.folder(folder).resolve("reference.onnx");
        data = ClassFolders.write(folder.resolve("data"), 60);
    }

    @ParameterizedTest
    @CsvSource({"spatial-svd, 0.9", "weight-svd, 0.8", "channel-pruning, 0.6"})
    void everySchemeWritesASmallerNetworkThatRuns(String scheme, double ratio) throws IOException {
        Path small = folder.resolve("small.onnx");
        assertThat(compress("small.onnx", "--scheme", scheme, "--ratio", ratio + "", "--json"))
                .as(said())
                .isZero();
        Cost before = Cost.of(Graph.read(network));
        Cost after = Cost.of(Graph.read(small));
        assertThat(after.macs()).isLessThanOrEqualTo((long) (ratio * before.macs()));
        JsonNode answer = Json.mapper().readTree(out.toByteArray());
        assertThat(answer.get("model").asText()).isEqualTo(small.toString());
        assertThat(answer.get("scheme").asText()).isEqualTo(scheme);
        assertThat(answer.get("cost").asText()).isEqualTo("macs");
        assertThat(answer.get("ratio").asDouble()).isEqualTo(ratio);
        assertThat(answer.get("left").asDouble()).isEqualTo((double) after.macs() / before.macs());
        assertThat(answer.get("macs").asLong()).isEqualTo(after.macs());
        assertThat(answer.get("macsBefore").asLong()).isEqualTo(before.macs());
        assertThat(answer.get("parameters").asLong()).isEqualTo(after.parameters());
        assertThat(answer.get("parametersBefore").asLong()).isEqualTo(before.parameters());
        assertThat(answer.get("goalMet").asBoolean()).isTrue();
        assertThat(answer.has("missed")).isFalse();
        assertThat(answer.get("layers"))
                .hasSameSizeAs(answer.get("sensitivity"))
                .isNotEmpty();
        assertThat(Provenance.of(Graph.read(small)).orElseThrow().inputs()).containsOnlyKeys("model", "data");
        assertThat(leftOver()).isEmpty();

        JsonNode evaluated = evaluated(small);
        assertThat(answer.get("accuracy").asDouble())
                .isEqualTo(evaluated.get("accuracy").asDouble())
                .isEqualTo(answer.get("accuracyBeforeFinetuning").asDouble());
        assertThat(answer.get("accuracyBefore").asDouble())
                .isEqualTo(evaluated(network).get("accuracy").asDouble());
    }

    @Test
    void aRatioThatIsMissedIsAFailureThatKeepsTheSmallest() throws IOException {
        assertThat(compress("small.onnx", "--scheme", "weight-svd", "--ratio", "0.01", "--json"))
                .isOne();
        assertThat(said())
                .contains("the ratio 0.01 cannot be met; this is the smallest network that weight-svd makes of it");
        JsonNode answer = Json.mapper().readTree(out.toByteArray());
        assertThat(answer.get("goalMet").asBoolean()).isFalse();
        assertThat(said()).contains(answer.get("missed").asText());
        assertThat(answer.get("left").asDouble()).isBetween(0.02, 0.9);
        Graph small = Graph.read(folder.resolve("small.onnx"));
        assertThat(Cost.of(small).macs())
                .isEqualTo(answer.get("macs").asLong())
                .isLessThan(answer.get("macsBefore").asLong());
    }

    @Test
    void whatIsKilledGoesOnAndGivesTheSameFile() throws Exception {
        String[] options = {"--scheme", "channel-pruning", "--ratio", "0.6", "--epochs", "3"};
        try (LimbeckProcess process = LimbeckProcess.start(folder, List.of(command("killed.onnx", options)))) {
            process.await("sensitivity to compression");
            Path scores = folder.resolve("killed.onnx.scores");
            while (!Files.exists(scores) || Files.readString(scores).lines().count() < 4) {
                Thread.sleep(10);
            }
            process.kill();
        }
        assertThat(folder.resolve("killed.onnx")).doesNotExist();
        assertThat(compress("killed.onnx", options)).as(said()).isZero();
        assertThat(said()).contains("goes on where an earlier run of this command was");
        err.reset();
        assertThat(compress("undisturbed.onnx", options)).as(said()).isZero();
        assertThat(said()).doesNotContain("goes on where");
        assertThat(folder.resolve("killed.onnx")).hasSameBinaryContentAs(folder.resolve("undisturbed.onnx"));
        assertThat(leftOver()).isEmpty();
    }

    /** Latencies of another minute may choose another network, which the checkpoint would not be of. */
    @Test
    void latenciesAreKeptAsLongAsTheCheckpointIs() throws Exception {
        Path checkpoint = folder.resolve("small.onnx.checkpoint");
        try (LimbeckProcess process = LimbeckProcess.start(folder, List.of(command("small.onnx", latency("1e-3"))))) {
            process.await("distil");
            process.stop();
            assertThat(process.join()).as(process.said()).isEqualTo(ExitCodes.STOPPED);
        }
        assertThat(checkpoint).isNotEmptyFile();
        String latencies = latencies();
        assertThat(latencies).isNotEmpty();

        assertThat(compress("small.onnx", latency("2e-3"))).isEqualTo(2);
        assertThat(said()).contains("the checkpoint " + checkpoint + " belongs to another training", "delete it");
        assertThat(latencies()).isEqualTo(latencies);

        assertThat(compress("small.onnx", latency("1e-3"))).as(said()).isLessThan(2);
        JsonNode answer = Json.mapper().readTree(out.toByteArray());
        assertThat(answer.get("cost").asText()).isEqualTo("latency");
        assertThat(answer.get("goalMet").asBoolean())
                .isEqualTo(answer.get("left").asDouble() <= 0.9);
        assertThat(leftOver()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1"})
    void imagesWithoutLabelsTellNoAccuracy(String epochs) throws IOException {
        Path labelled = data;
        data = folder.resolve("unlabelled");
        Files.createDirectories(data);
        try (Stream<Path> files = Files.walk(labelled)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.move(file, data.resolve(file.getFileName()));
            }
        }
        assertThat(compress(
                        "small.onnx", "--scheme", "channel-pruning", "--ratio", "0.6", "--epochs", epochs, "--json"))
                .as(said())
                .isZero();
        JsonNode answer = Json.mapper().readTree(out.toByteArray());
        assertThat(answer.has("accuracy")).isFalse();
        assertThat(answer.has("accuracyBefore")).isFalse();
        assertThat(answer.get("outputSqnrDb").isNumber()).isTrue();
    }

    @Test
    void arraysOfFloatsDoWhatTheyCan() throws IOException {
        data = folder.resolve("data.npy");
        Files.write(data, floats(40));
        assertThat(compress("small.onnx", "--scheme", "weight-svd", "--ratio", "0.8", "--epochs", "1"))
                .isEqualTo(2);
        assertThat(said())
                .contains("--epochs trains on images of bytes", "leave --epochs out")
                .doesNotContain("sensitivity");
        assertThat(compress("small.onnx", "--scheme", "weight-svd", "--ratio", "0.8"))
                .as(said())
                .isZero();
        assertThat(said()).contains("batch norms keep their statistics");
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("output SQNR");
    }

    @Test
    void whatCannotBeTrainedIsRefusedBeforeTheWork() {
        Graph whole = Graph.read(network);
        GraphEditor editor = whole.edit();
        Node last = whole.producer(whole.outputs().getFirst().name()).orElseThrow();
        editor.replace(last, last.withOutputs(List.of("before")));
        editor.add(Node.of("Asinh", "odd", List.of("before"), last.outputs()));
        editor.build().write(network);
        assertThat(compress("small.onnx", "--scheme", "weight-svd", "--epochs", "1"))
                .isEqualTo(2);
        assertThat(said()).contains("cannot be trained", "odd").doesNotContain("sensitivity");
    }

    @Test
    void brokenNetworksAreRefusedBeforeTheWork() {
        Graph whole = Graph.read(network);
        Node layer = whole.nodes().stream()
                .filter(node -> node.op().equals("Conv"))
                .findFirst()
                .orElseThrow();
        TensorValue weight = whole.initializers().get(layer.input(1));
        float[] broken = weight.floats().clone();
        broken[0] = Float.NaN;
        GraphEditor editor = whole.edit();
        editor.initializer(layer.input(1), TensorValue.ofFloats(broken, weight.shape()));
        editor.build().write(network);
        assertThat(compress("small.onnx", "--scheme", "weight-svd")).isEqualTo(2);
        assertThat(said())
                .contains("node '" + layer.label() + "' (Conv)", "holds NaN")
                .doesNotContain("sensitivity");
    }

    /** [items, 1, 28, 28] as numpy.save writes it. */
    private static byte[] floats(int items) {
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 1, 28, 28), }".formatted(items);
        ByteBuffer file = ByteBuffer.allocate(128 + 4 * items * 28 * 28).order(ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) 118);
        file.put("%-117s\n".formatted(header).getBytes(StandardCharsets.US_ASCII));
        Random random = new Random(1);
        while (file.hasRemaining()) {
            file.putFloat((float) random.nextGaussian());
        }
        return file.array();
    }

    private static String[] latency(String learningRate) {
        return ("--scheme channel-pruning --ratio 0.9 --multiple 8 --cost latency --images 10 --epochs 200"
                        + " --learning-rate " + learningRate + " --json")
                .split(" ");
    }

    private String latencies() throws IOException {
        return Files.readString(folder.resolve("small.onnx.scores"))
                .lines()
                .filter(line -> line.startsWith("latency-"))
                .collect(Collectors.joining("\n"));
    }

    /** Scores and checkpoints, which nobody needs when the work is done. */
    private List<Path> leftOver() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().matches(".*\\.(scores|checkpoint|part)"))
                    .toList();
        }
    }

    private JsonNode evaluated(Path model) throws IOException {
        out.reset();
        assertThat(limbeck("evaluate", model.toString(), "--data", data.toString(), "--json"))
                .isZero();
        return Json.mapper().readTree(out.toByteArray());
    }

    private int compress(String file, String... options) {
        return limbeck(command(file, options));
    }

    private String[] command(String file, String... options) {
        List<String> command = new ArrayList<>(List.of("compress", network.toString()));
        command.addAll(List.of("--data", data.toString()));
        command.addAll(List.of(options));
        command.addAll(List.of("-o", folder.resolve(file).toString()));
        return command.toArray(String[]::new);
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private int limbeck(String... arguments) {
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                0,
                Json.mapper());
        return Limbeck.execute(console, arguments);
    }
}
