package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows times matrix give what ONNX Runtime's layer gives, at every output position. */
class UnfoldingTest {

    private static Node node(String op) {
        return Node.of(op, "layer", List.of("x", "w"), List.of("y"));
    }

    static Stream<Arguments> layers() {
        Node conv = node("Conv");
        Node transposed = node("ConvTranspose");
        return Stream.of(
                layer(conv, shape(2, 3, 6, 5), shape(4, 3, 1, 1)),
                layer(conv.withIntegers("pads", 1, 1, 1, 1), shape(2, 3, 6, 5), shape(4, 3, 3, 3)),
                layer(
                        conv.withIntegers("pads", 2, 0, 1, 1).withIntegers("strides", 2, 1),
                        shape(2, 3, 6, 5),
                        shape(4, 3, 3, 2)),
                layer(conv.withIntegers("dilations", 2, 1), shape(2, 3, 6, 5), shape(4, 3, 2, 3)),
                layer(conv.withInteger("group", 2), shape(2, 4, 6, 5), shape(6, 2, 3, 3)),
                layer(conv.withInteger("group", 4), shape(2, 4, 6, 5), shape(4, 1, 3, 3)),
                layer(
                        conv.withText("auto_pad", "SAME_UPPER").withIntegers("strides", 2, 2),
                        shape(2, 3, 6, 5),
                        shape(4, 3, 3, 3)),
                layer(
                        conv.withText("auto_pad", "SAME_LOWER").withIntegers("strides", 2, 2),
                        shape(2, 3, 6, 5),
                        shape(4, 3, 3, 3)),
                layer(conv.withText("auto_pad", "VALID"), shape(2, 3, 6, 5), shape(4, 3, 3, 3)),
                layer(conv.withIntegers("pads", 1, 0), shape(2, 3, 7), shape(4, 3, 3)),
                layer(conv, shape(2, 2, 4, 3, 5), shape(3, 2, 2, 2, 2)),
                layer(transposed, shape(2, 4, 3, 4), shape(4, 3, 3, 3)),
                layer(
                        transposed.withIntegers("strides", 2, 3).withIntegers("pads", 1, 0, 0, 1),
                        shape(2, 4, 3, 4),
                        shape(4, 3, 3, 3)),
                layer(
                        transposed
                                .withInteger("group", 2)
                                .withIntegers("strides", 2, 2)
                                .withIntegers("output_padding", 1, 1),
                        shape(2, 4, 3, 4),
                        shape(4, 3, 3, 3)),
                layer(
                        transposed.withText("auto_pad", "SAME_UPPER").withIntegers("strides", 2, 2),
                        shape(2, 4, 3, 4),
                        shape(4, 3, 3, 3)),
                layer(transposed.withIntegers("dilations", 2, 1), shape(2, 4, 3, 4), shape(4, 3, 2, 3)),
                layer(node("Gemm"), shape(3, 5), shape(5, 4)),
                layer(node("Gemm").withInteger("transB", 1), shape(3, 5), shape(4, 5)),
                layer(node("MatMul"), shape(3, 5), shape(5, 4)),
                layer(node("MatMul"), shape(2, 3, 2, 5), shape(5, 4)));
    }

    private static long[] shape(long... shape) {
        return shape;
    }

    private static Arguments layer(Node node, long[] input, long[] weight) {
        return Arguments.of(node, input, weight);
    }

    private static float[] random(long[] shape, long seed) {
        Random random = new Random(seed);
        float[] data = new float[(int) TensorValue.elements(shape)];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
        }
        return data;
    }

    @ParameterizedTest
    @MethodSource("layers")
    void rowsTimesMatrixIsTheLayer(Node node, long[] inputShape, long[] weightShape) {
        TensorValue weight = TensorValue.ofFloats(random(weightShape, 1), weightShape);
        GraphEditor editor = GraphEditor.create("layer")
                .input(new ValueInfo("x", ElementType.FLOAT, inputShape))
                .output(ValueInfo.unranked("y", ElementType.FLOAT));
        editor.initializer("w", weight);
        editor.add(node);
        Graph graph = editor.build();
        FloatTensor input = new FloatTensor(random(inputShape, 2), inputShape);
        FloatTensor output;
        try (Session session = Session.open(graph, SessionOptions.defaults())) {
            output = session.run(input);
        }
        WeightMatrix matrix = WeightMatrix.of(graph, node);
        float[] w = matrix.toMatrix(weight.floats());
        assertThat(matrix.fromMatrix(w)).containsExactly(weight.floats());
        Unfolding unfolding = Unfolding.of(node, weightShape, inputShape, output.shape());
        boolean convolution = node.op().startsWith("Conv");
        int positions = unfolding.positions();
        int channelsOfGroup = unfolding.channels() / matrix.groups();
        float[] row = new float[matrix.inputs()];
        for (int image = 0; image < inputShape[0]; image++) {
            for (int p = 0; p < positions; p++) {
                for (int c = 0; c < matrix.channels(); c++) {
                    int group = c / matrix.outputs();
                    unfolding.copy(input.data(), image, p, group * channelsOfGroup, channelsOfGroup, row, 0);
                    double sum = 0;
                    for (int i = 0; i < row.length; i++) {
                        sum += row[i] * w[c * row.length + i];
                    }
                    int at = convolution
                            ? (image * matrix.channels() + c) * positions + p
                            : (image * positions + p) * matrix.channels() + c;
                    assertThat((double) output.data()[at]).isCloseTo(sum, within(1e-4));
                }
            }
        }
        assertThat(output.data()).hasSize((int) inputShape[0] * positions * matrix.channels());
    }
}
