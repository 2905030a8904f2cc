package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A network exported for one image at a time, which is what exporters do unless told otherwise: all works as for any number. */
class FixedBatchTest {

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private String any;
    private String fixed;
    private String data;

    @BeforeEach
    void export() throws IOException {
        Path path = TinyRun.folder(folder).resolve("reference.onnx");
        any = path.toString();
        Path other = folder.resolve("fixed.onnx");
        forOne(Graph.read(path)).write(other);
        fixed = other.toString();
        data = ClassFolders.write(folder.resolve("data"), 100).toString();
    }

    /** Says the batch wherever PyTorch does: inputs, outputs, and what a flattened image is reshaped to. */
    private static Graph forOne(Graph network) {
        GraphEditor editor = network.edit().clearInputs().clearOutputs();
        network.inputs().forEach(input -> editor.input(forOne(input)));
        network.outputs().forEach(output -> editor.output(forOne(output)));
        String shape = editor.initializer("flat_shape", TensorValue.ofLongs(new long[] {1, -1}, 2));
        for (Node node : network.nodes()) {
            if (node.op().equals("Flatten")) {
                editor.replace(
                        node, Node.of("Reshape", node.label(), List.of(node.input(0), shape), List.of(node.output(0))));
            }
        }
        Graph one = editor.build();
        assertThat(one.nodes()).extracting(Node::op).contains("Reshape");
        return one;
    }

    private static ValueInfo forOne(ValueInfo tensor) {
        long[] shape = tensor.shape();
        shape[0] = 1;
        return new ValueInfo(tensor.name(), tensor.type(), shape);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "quantize --weights int4 --adaround --iterations 20 --bias-correction",
                "quantize --weights int4 --block-reconstruction --iterations 20",
                "quantize --qat --epochs 1",
                "compress --scheme channel-pruning --ratio 0.8 --images 50 --epochs 1",
                "train --epochs 1"
            })
    void givesWhatANetworkOfAnyNumberGives(String command) throws IOException {
        JsonNode expected = answer(command, any, "any.made.onnx");
        JsonNode answer = answer(command, fixed, "fixed.made.onnx");
        assertThat(answer.findValue("accuracy")).isNotNull().isEqualTo(expected.findValue("accuracy"));
        Graph made = Graph.read(folder.resolve("fixed.made.onnx"));
        assertThat(made.inputs()).isEqualTo(Graph.read(Path.of(fixed)).inputs());
        // the flattened shape is another one's
        assertThat(constants(made).containsAll(constants(Graph.read(folder.resolve("any.made.onnx")))))
                .isTrue();
    }

    @Test
    void isEvaluatedComparedAndAnalyzed() throws IOException {
        assertThat(run("evaluate", any, "--data", data, "--json")).isZero();
        JsonNode expected = Json.mapper().readTree(out.toByteArray());
        out.reset();
        assertThat(run("evaluate", fixed, "--data", data, "--json")).isZero();
        assertThat(Json.mapper().readTree(out.toByteArray()).findValue("accuracy"))
                .isEqualTo(expected.findValue("accuracy"));
        String int8 = folder.resolve("int8.onnx").toString();
        answer("quantize", fixed, "int8.onnx");
        assertThat(run("compare", fixed, int8, "--data", data)).as(err()).isZero();
        assertThat(run(
                        "analyze",
                        fixed,
                        "--data",
                        data,
                        "-o",
                        folder.resolve("page.html").toString()))
                .as(err())
                .isZero();
    }

    private static Set<TensorProto> constants(Graph network) {
        return Set.copyOf(network.proto().getGraph().getInitializerList());
    }

    private JsonNode answer(String command, String network, String made) throws IOException {
        out.reset();
        List<String> arguments = new ArrayList<>(Arrays.asList(command.split(" ")));
        arguments.add(1, network);
        arguments.addAll(
                List.of("--data", data, "--json", "-o", folder.resolve(made).toString()));
        assertThat(run(arguments.toArray(String[]::new))).as(err()).isZero();
        return Json.mapper().readTree(out.toByteArray());
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private int run(String... arguments) {
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                0,
                Json.mapper());
        return Limbeck.execute(console, arguments);
    }
}
