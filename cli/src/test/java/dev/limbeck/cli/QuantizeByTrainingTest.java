package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command that quantizes by training. */
class QuantizeByTrainingTest {

    private static final Path REFERENCE =
            Path.of("..", "examples", "fashion-mnist", "reference.onnx").toAbsolutePath();

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void bitsAreLearnedAndWhatWasStoppedGivesTheSameBytes() throws Exception {
        TinyRun.folder(folder);
        String data = ClassFolders.write(folder.resolve("data"), 200).toString();
        Path cache = folder.resolve("cache");
        try (LimbeckProcess process = LimbeckProcess.start(folder, bayesianBits(data, cache, "stopped.onnx"))) {
            process.await("distil tiny");
            process.stop();
            assertThat(process.join()).as(process::said).isEqualTo(ExitCodes.STOPPED);
        }
        assertThat(folder.resolve("stopped.onnx")).doesNotExist();
        run(bayesianBits(data, cache, "stopped.onnx"));
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("goes on where an earlier run of this command was");
        run(bayesianBits(data, folder.resolve("other"), "undisturbed.onnx"));
        assertThat(folder.resolve("stopped.onnx")).hasSameBinaryContentAs(folder.resolve("undisturbed.onnx"));

        JsonNode bits = Json.mapper().readTree(out.toByteArray()).get("bits");
        assertThat(bits.get("bitOperations").asDouble()).isBetween(0.0, 1.0);
        assertThat(bits.get("layers")).isNotEmpty().allSatisfy(layer -> {
            assertThat(layer.get("weightBits").asInt()).isIn(2, 4, 8);
            assertThat(layer.get("activationBits").asInt()).isIn(2, 4, 8);
        });
        Path file = folder.resolve("undisturbed.onnx");
        assertThat(Graph.read(file).nodes())
                .extracting(Node::op)
                .contains("QuantizeLinear")
                .noneMatch(op -> op.startsWith("dev.limbeck"));
        out.reset();
        run(List.of("evaluate", file.toString(), "--data", data, "--json"));
        assertThat(Json.mapper().readTree(out.toByteArray()).get("accuracy").asDouble())
                .isBetween(0.0, 1.0);
    }

    private List<String> bayesianBits(String data, Path cache, String file) {
        return List.of(
                "quantize",
                folder.resolve("reference.onnx").toString(),
                "--data",
                data,
                "--bayesian-bits",
                "--strength",
                "0.1",
                "--epochs",
                "40",
                "--cache",
                cache.toString(),
                "-o",
                folder.resolve(file).toString(),
                "--json");
    }

    private void run(List<String> command) {
        out.reset();
        assertThat(limbeck(command))
                .as(() -> err.toString(StandardCharsets.UTF_8))
                .isZero();
    }

    /** Precisions meet this goal; so high a learning rate then loses what they had. */
    @Test
    void aGoalIsJudgedAfterTraining() throws IOException {
        List<String> command = List.of(
                "quantize",
                REFERENCE.toString(),
                "--data",
                ClassFolders.write(folder.resolve("data"), 60).toString(),
                "--images",
                "16",
                "--mixed",
                "w8a8,w8a16",
                "--goal",
                "20%",
                "--qat",
                "--learning-rate",
                "0.3",
                "--epochs",
                "2",
                "--cache",
                folder.resolve("cache").toString(),
                "-o",
                folder.resolve("mixed.onnx").toString());
        assertThat(limbeck(command))
                .as(() -> err.toString(StandardCharsets.UTF_8))
                .isEqualTo(ExitCodes.FAILED);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("the goal is missed", "on validation images after training", "was written all the same");
        assertThat(folder.resolve("mixed.onnx")).exists();
    }

    private int limbeck(List<String> arguments) {
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                0,
                Json.mapper());
        return Limbeck.execute(console, arguments.toArray(String[]::new));
    }
}
