package dev.limbeck.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Modes that libtorch computes differently, or that have no parity test, are refused by name. */
class RefusedModesTest {

    private static Node node(String op, String... inputs) {
        return Node.of(op, "n", List.of(inputs), List.of("y"));
    }

    private static Node resize(String mode, String coordinates, String nearest) {
        return node("Resize", "x", "", "scales")
                .withText("mode", mode)
                .withText("coordinate_transformation_mode", coordinates)
                .withText("nearest_mode", nearest);
    }

    private static Node pool(String op) {
        return node(op, "x").withIntegers("kernel_shape", 3, 3);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(resize("linear", "tf_crop_and_resize", "floor"), "'tf_crop_and_resize'"),
                Arguments.of(resize("area", "half_pixel", "floor"), "mode 'area'"),
                Arguments.of(resize("nearest", "half_pixel", "up"), "nearest_mode 'up'"),
                Arguments.of(pool("MaxPool").withOutputs(List.of("y", "indices")), "Indices"),
                Arguments.of(pool("MaxPool").withInteger("storage_order", 1), "storage_order"),
                Arguments.of(pool("MaxPool").withIntegers("strides", 1), "do not fit the 2 axes"),
                Arguments.of(node("MaxPool", "x").withIntegers("kernel_shape", 1, 1, 1, 1), "one to three axes"),
                Arguments.of(node("Conv", "x", "w1"), "one to three axes"),
                Arguments.of(
                        node("BatchNormalization", "x", "c", "c", "c", "c").withInteger("training_mode", 1),
                        "training_mode"),
                Arguments.of(node("Attention", "x", "x", "x").withNumber("softcap", 1), "softcap"),
                Arguments.of(node("GridSample", "x", "x").withText("mode", "area"), "mode 'area'"),
                Arguments.of(node("GridSample", "x", "x").withText("padding_mode", "wrap"), "padding_mode 'wrap'"),
                Arguments.of(node("LRN", "x").withInteger("size", 4), "even size, 4"),
                Arguments.of(node("Pad", "x", "pads").withText("mode", "symmetric"), "mode 'symmetric'"),
                Arguments.of(node("Pad", "x", "negative").withText("mode", "edge"), "negative pads"),
                Arguments.of(node("Constant").withText("value_string", "word"), "only tensors of numbers"),
                Arguments.of(node("ScatterND", "x", "x", "x").withText("reduction", "mean"), "reduction 'mean'"),
                Arguments.of(node("Clip", "x", "x"), "min must be a constant, but 'x' is computed"),
                Arguments.of(node("Cast", "x").withInteger("to", ElementType.BFLOAT16.code()), "cast to BFLOAT16"),
                Arguments.of(node("QuantizeLinear", "x", "x"), "scale must be an initializer"),
                Arguments.of(node("LSTM", "x", "w", "w", "", "", "", "", "w"), "peepholes"),
                Arguments.of(node("LSTM", "x", "w", "w").withInteger("input_forget", 1), "input_forget"),
                Arguments.of(node("GRU", "x", "w", "w").withNumber("clip", 1), "clip"),
                Arguments.of(node("GRU", "x", "w", "w").withInteger("layout", 1), "layout 1"),
                Arguments.of(node("RNN", "x", "w", "w").withText("direction", "sideways"), "direction 'sideways'"),
                Arguments.of(node("Conv", "x", "half"), "only FLOAT can be trained"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void isNamed(Node node, String reason) {
        GraphEditor g = GraphEditor.create("refused").input(Nets.input(1, 3, 8, 8));
        g.initializer("scales", TensorValue.ofFloats(new float[] {1, 1, 2, 2}, 4));
        g.initializer("w", TensorValue.ofFloats(new float[81], 3, 3, 3, 3));
        g.initializer("w1", TensorValue.ofFloats(new float[81], 3, 3, 3, 3, 1, 1));
        g.initializer("half", TensorValue.ofBytes(ElementType.INT8, new byte[81], 3, 3, 3, 3));
        g.initializer("c", TensorValue.ofFloats(new float[3], 3));
        g.initializer("shape", TensorValue.ofLongs(new long[] {1, 192}, 2));
        g.initializer("starts", TensorValue.ofLongs(new long[] {0}, 1));
        g.initializer("ends", TensorValue.ofLongs(new long[] {4}, 1));
        g.initializer("back", TensorValue.ofLongs(new long[] {-1}, 1));
        g.initializer("pads", TensorValue.ofLongs(new long[] {0, 0, 1, 1, 0, 0, 1, 1}, 8));
        g.initializer("negative", TensorValue.ofLongs(new long[] {0, 0, -1, 0, 0, 0, 0, 0}, 8));
        g.add(node);
        Graph graph = Nets.finish(g, "y");
        assertThat(GraphExecutor.unsupported(graph))
                .singleElement()
                .asString()
                .startsWith("node 'n' (" + node.op() + "): ")
                .contains(reason);
    }
}
