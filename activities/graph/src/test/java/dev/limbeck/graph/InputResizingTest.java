package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InputResizingTest {

    @Test
    void aPooledNetworkTakesImagesOfAnySize() {
        Graph network = pooled(8, 8);

        Graph resized = InputResizing.resize(network, 12, 20);

        assertThat(resized.inputs().getFirst().shape()).containsExactly(ValueInfo.DYNAMIC, 3, 12, 20);
        assertThat(resized.outputs()).isEqualTo(network.outputs());
        assertThat(resized.nodes()).isEqualTo(network.nodes());
        Oracle.Output output = Oracle.run(resized, Map.of("x", Oracle.normal(new Random(1), 2, 3, 12, 20)))
                .get("y");
        assertThat(output.shape()).containsExactly(2, 4, 1, 1);
    }

    @Test
    void outputsHaveTheSizeThatFollows() {
        GraphEditor editor = GraphEditor.create("filter")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, 8, 8))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 4, 6, 6));
        convolution(editor, "y");

        assertThat(InputResizing.resize(editor.build(), 10, 9)
                        .outputs()
                        .getFirst()
                        .shape())
                .containsExactly(ValueInfo.DYNAMIC, 4, 8, 7);
    }

    @Test
    void anOpenSizeIsFixed() {
        Graph resized = InputResizing.resize(pooled(ValueInfo.DYNAMIC, ValueInfo.DYNAMIC), 5, 6);

        assertThat(resized.inputs().getFirst().shape()).containsExactly(ValueInfo.DYNAMIC, 3, 5, 6);
    }

    @Test
    void theNodeThatNeedsTheOldSizeIsNamed() {
        GraphEditor editor = GraphEditor.create("flat")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, 8, 8))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 10));
        editor.add(Node.of("Flatten", "flatten", List.of("x"), List.of("rows")));
        editor.initializer("w", TensorValue.ofFloats(new float[1920], 192, 10));
        editor.add(Node.of("MatMul", "classifier", List.of("rows", "w"), List.of("y")));

        assertThatThrownBy(() -> InputResizing.resize(editor.build(), 16, 16))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'flat' does not take images of 16 x 16")
                .hasMessageContaining("classifier");
    }

    @Test
    void aNetworkOfVectorsHasNoImageSize() {
        GraphEditor editor = GraphEditor.create("vectors")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 3))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 3));
        editor.add(Node.of("Relu", "relu", List.of("x"), List.of("y")));

        assertThatThrownBy(() -> InputResizing.resize(editor.build(), 16, 16))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'vectors' has 0 inputs of the form [N, channels, height, width]");
    }

    private static Graph pooled(long height, long width) {
        GraphEditor editor = GraphEditor.create("pooled")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, height, width))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 4, 1, 1));
        convolution(editor, "features");
        editor.add(Node.of("GlobalAveragePool", "pool", List.of("features"), List.of("y")));
        return editor.build();
    }

    private static void convolution(GraphEditor editor, String output) {
        editor.initializer("k", TensorValue.ofFloats(new float[108], 4, 3, 3, 3));
        editor.add(Node.of("Conv", "convolution", List.of("x", "k"), List.of(output)));
    }
}
