package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.quantize.RandomItems;
import dev.limbeck.schemas.Progress;
import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trained network beside what was made of it. */
class CompareTest {

    private static final Path REFERENCE =
            Path.of("..", "examples", "fashion-mnist", "reference.onnx").toAbsolutePath();

    @TempDir
    private static Path folder;

    private static Path quantized;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeAll
    static void quantize() {
        Graph network = Graph.read(REFERENCE);
        quantized = folder.resolve("int8.onnx");
        Quantizer.quantize(network, RandomItems.forNetwork(network, 64), QuantizeOptions.defaults(), Progress.NONE)
                .graph()
                .write(quantized);
    }

    @Test
    void aTableForPeople() {
        assertThat(limbeck("compare", REFERENCE.toString(), quantized.toString(), "--images", "16"))
                .isZero();
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines.getFirst()).contains("16 random inputs", "--data");
        assertThat(lines.get(1)).isEqualTo("no layer goes wrong");
        String head = lines.get(2);
        assertThat(head).contains("layer", "operator", "simulated dB", "computed dB", "largest error");
        int column = head.indexOf("simulated dB") + "simulated dB".length();
        assertThat(lines.get(3).substring(column - 4, column)).matches("[ \\d]\\d\\.\\d");
        assertThat(out.toString(StandardCharsets.UTF_8)).doesNotContain("\u001b");
    }

    @Test
    void aBrokenLayerIsNamed() throws IOException {
        Graph network = Graph.read(quantized);
        List<Node> convolutions = network.nodes().stream()
                .filter(node -> node.op().equals("Conv"))
                .toList();
        Node broken = convolutions.get(convolutions.size() / 2);
        Node dequantize = network.producer(broken.input(1)).orElseThrow();
        TensorValue weight = network.initializers().get(dequantize.input(0));
        long[] stored = weight.longs();
        int[] negative = new int[stored.length];
        for (int i = 0; i < stored.length; i++) {
            negative[i] = (int) -stored[i];
        }
        GraphEditor editor = network.edit();
        editor.initializer(dequantize.input(0), TensorValue.ofIntegers(weight.type(), negative, weight.shape()));
        Path file = folder.resolve("broken.onnx");
        editor.build().write(file);
        assertThat(limbeck("compare", REFERENCE.toString(), file.toString(), "--images", "16", "--json"))
                .isZero();
        JsonNode answer = Json.mapper().readTree(out.toByteArray());
        assertThat(broken.output(0)).startsWith(answer.get("firstWrong").asText());
        assertThat(answer.get("data").asText()).isEqualTo("random");
        assertThat(answer.get("layers")).anySatisfy(layer -> assertThat(
                        layer.get("simulated").get("sqnr").asDouble())
                .isLessThan(10));
    }

    @Test
    void networksThatAreNoPairGetOneLine() {
        Graph network = Graph.read(REFERENCE);
        Path file = folder.resolve("other.onnx");
        String inner = network.nodes().get(network.nodes().size() / 2).output(0);
        network.edit()
                .clearOutputs()
                .output(network.outputs().getFirst().withName(inner))
                .build()
                .write(file);
        assertThat(limbeck("compare", REFERENCE.toString(), file.toString())).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .contains(inner);
    }

    private int limbeck(String... arguments) {
        return Limbeck.execute(new Console(new PrintStream(out), new PrintStream(err), 0, Json.mapper()), arguments);
    }
}
