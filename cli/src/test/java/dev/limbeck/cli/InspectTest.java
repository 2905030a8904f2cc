package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.Provenance;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectTest {

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void whatTheFileSaysOfItsOriginIsSaidBack() throws IOException {
        Graph network = new InputNormalization(new float[] {0.5f, 0.25f, 0.5f}, new float[] {0.125f, 1, 2})
                .writeTo(network("Relu", 8));
        Path file = file(Provenance.of("train", "3", Map.of("epochs", "5"), Map.of("data", "abc"))
                .withSeed(7)
                .writeTo(network.withMetadata(Map.of("author", "me"))));

        JsonNode answer = inspect(file);

        assertThat(answer.at("/normalization/mean").toString()).isEqualTo("[0.5,0.25,0.5]");
        assertThat(answer.at("/normalization/std").toString()).isEqualTo("[0.125,1.0,2.0]");
        assertThat(answer.get("provenance").toString())
                .isEqualTo("{\"stage\":\"train\",\"version\":\"3\",\"seed\":7,\"inputs\":{\"data\":\"abc\"},"
                        + "\"parameters\":{\"epochs\":\"5\"}}");
        assertThat(answer.get("metadata").toString()).isEqualTo("{\"author\":\"me\"}");
    }

    @Test
    void peopleReadTheSame() {
        Path file = file(
                Provenance.of("train", "3", Map.of(), Map.of("data", "abc")).writeTo(network("Relu", 8)));

        assertThat(limbeck("inspect", file.toString())).isZero();

        assertThat(said())
                .contains("provenance:\n  stage: train\n", "  inputs:\n    data: abc\n", "normalization: none\n");
    }

    @Test
    void whatCannotBeKnownIsNoReasonToSayNothing() throws IOException {
        JsonNode answer = inspect(file(network("Relu", ValueInfo.DYNAMIC)));

        assertThat(answer.get("operators").toString()).isEqualTo("{\"Relu\":1}");
        assertThat(answer.get("macs").isNull()).isTrue();
        assertThat(answer.at("/unknown/0").asText()).contains("dynamic");
    }

    private JsonNode inspect(Path file) throws IOException {
        assertThat(limbeck("inspect", file.toString(), "--json")).isZero();
        return Json.mapper().readTree(said());
    }

    private Path file(Graph network) {
        Path file = folder.resolve("network.onnx");
        network.write(file);
        return file;
    }

    private static Graph network(String operator, long side) {
        GraphEditor editor = GraphEditor.create("small")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, side, side))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, side, side));
        editor.add(Node.of(operator, "node", List.of("x"), List.of("y")));
        return editor.build();
    }

    private int limbeck(String... arguments) {
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                0,
                Json.mapper());
        return Limbeck.execute(console, arguments);
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
