package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.graph.BatchNormFolding;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.Provenance;
import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that quantize and equalize, without any data. */
class QuantizeTest {

    private static final Path REFERENCE =
            Path.of("..", "examples", "fashion-mnist", "reference.onnx").toAbsolutePath();

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void withoutDataBatchNormsAreGoneBy() throws IOException {
        Path file = folder.resolve("int8.onnx");
        assertThat(limbeck(
                        "quantize",
                        REFERENCE.toString(),
                        "--equalize",
                        "--bias-correction",
                        "-o",
                        file.toString(),
                        "--json"))
                .isZero();
        JsonNode answer = Json.mapper().readTree(out.toByteArray());
        assertThat(answer.get("steps").toString()).contains("from batch norms, without data", "layers equalized");
        assertThat(answer.has("accuracy")).isFalse();
        Graph quantized = Graph.read(file);
        assertThat(quantized.nodes()).extracting(Node::op).contains("QuantizeLinear");
        assertThat(Provenance.of(quantized).orElseThrow().inputs()).containsOnlyKeys("model");
    }

    @Test
    void foldedNetworksOfUnknownPixelsNeedData() {
        Path folded = folder.resolve("folded.onnx");
        BatchNormFolding.fold(Graph.read(REFERENCE).edit().clearMetadata().build())
                .write(folded);
        Path file = folder.resolve("int8.onnx");
        assertThat(limbeck("quantize", folded.toString(), "-o", file.toString()))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("limbeck.input.mean", "--data");
        assertThat(file).doesNotExist();
    }

    @Test
    void equalizedNetworksStayFloat() throws IOException {
        Path file = folder.resolve("equalized.onnx");
        assertThat(limbeck("equalize", REFERENCE.toString(), "-o", file.toString(), "--json"))
                .isZero();
        JsonNode answer = Json.mapper().readTree(out.toByteArray());
        assertThat(answer.get("spread").asDouble())
                .isLessThan(answer.get("spreadBefore").asDouble());
        assertThat(Graph.read(file).nodes())
                .extracting(Node::op)
                .contains("Conv")
                .doesNotContain("BatchNormalization", "QuantizeLinear");
    }

    @Test
    void imagesMayLieInClassFolders() throws IOException {
        Path data = ClassFolders.write(folder.resolve("data"), 300);
        assertThat(limbeck("evaluate", REFERENCE.toString(), "--data", data.toString(), "--json"))
                .isZero();
        assertThat(Json.mapper().readTree(out.toByteArray()).get("accuracy").asDouble())
                .isGreaterThan(0.8);
        out.reset();
        Path file = folder.resolve("int8.onnx");
        assertThat(limbeck(
                        "quantize",
                        REFERENCE.toString(),
                        "--data",
                        data.toString(),
                        "--mean",
                        "0.286",
                        "--std",
                        "0.353",
                        "-o",
                        file.toString(),
                        "--json"))
                .isZero();
        assertThat(Json.mapper().readTree(out.toByteArray()).get("accuracy").asDouble())
                .isGreaterThan(0.8);
        assertThat(Graph.read(file).metadata()).containsEntry(InputNormalization.MEAN_KEY, "0.286");
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
