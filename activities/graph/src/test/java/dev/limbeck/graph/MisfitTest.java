package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A layer whose weights are for other inputs than come in is refused by its own name, before a runtime gives it one of its own. */
class MisfitTest {

    @Test
    void convolution() {
        GraphEditor editor = network(ValueInfo.DYNAMIC, 3, 32, 32);
        layer(editor, "Conv", "x", "h", 8, 3, 3, 3);
        layer(editor, "Conv", "h", "y", 4, 16, 3, 3);
        assertRefused(
                editor,
                "bad.onnx: node 'y_node' (Conv) has weights 'y_w' [4, 16, 3, 3] for 16 input channels, but tensor 'h'"
                        + " has 8; mend the weights, or what comes before, and export the model again");
    }

    @Test
    void convolutionInGroups() {
        GraphEditor editor = network(1, 6, ValueInfo.DYNAMIC, ValueInfo.DYNAMIC);
        Node node = Node.of("Conv", "grouped", List.of("x", weight(editor, "w", 4, 2, 1, 1)), List.of("y"));
        editor.add(node.withInteger("group", 2));
        assertRefused(
                editor, "node 'grouped' (Conv) has weights 'w' [4, 2, 1, 1] for 4 input channels", "tensor 'x' has 6");
    }

    @Test
    void transposedConvolution() {
        GraphEditor editor = network(1, 6, 4, 4);
        layer(editor, "ConvTranspose", "x", "y", 5, 2, 2, 2);
        assertRefused(
                editor, "node 'y_node' (ConvTranspose) has weights 'y_w' [5, 2, 2, 2] for 5 ", "tensor 'x' has 6");
    }

    @Test
    void matrixProducts() {
        GraphEditor editor = network(ValueInfo.DYNAMIC, 12);
        layer(editor, "Gemm", "x", "y", 16, 10);
        assertRefused(editor, "node 'y_node' (Gemm) has weights 'y_w' [16, 10] for 16 ", "tensor 'x' has 12");

        editor = network(ValueInfo.DYNAMIC, ValueInfo.DYNAMIC, 12);
        layer(editor, "MatMul", "x", "y", 16, 10);
        assertRefused(editor, "node 'y_node' (MatMul) has weights 'y_w' [16, 10] for 16 ", "tensor 'x' has 12");
    }

    @Test
    void layerBehindAnOperatorOfUnknownShape() {
        GraphEditor editor = network(1, 3, 8, 8);
        layer(editor, "Conv", "x", "h", 8, 4, 1, 1);
        editor.add(Node.of("NonZero", "unknown", List.of("h"), List.of("y")));
        assertRefused(editor, "node 'h_node' (Conv) has weights 'h_w' [8, 4, 1, 1] for 4 input channels");
    }

    @Test
    void sizesThatOnlyTheDataTellAreLeftToIt() {
        GraphEditor editor = network(ValueInfo.DYNAMIC, ValueInfo.DYNAMIC, 8, 8);
        layer(editor, "Conv", "x", "y", 8, 3, 1, 1);
        assertThat(read(editor).nodes()).hasSize(1);

        editor = network(ValueInfo.DYNAMIC, 3, ValueInfo.DYNAMIC, ValueInfo.DYNAMIC);
        editor.add(Node.of("Flatten", "flat", List.of("x"), List.of("h")));
        layer(editor, "Gemm", "h", "y", 3 * 64 * 64, 2);
        assertThat(read(editor).nodes()).hasSize(2);
    }

    private static GraphEditor network(long... input) {
        return GraphEditor.create("bad").input(new ValueInfo("x", ElementType.FLOAT, input));
    }

    private static void layer(GraphEditor editor, String op, String from, String to, long... weight) {
        editor.add(Node.of(op, to + "_node", List.of(from, weight(editor, to + "_w", weight)), List.of(to)));
    }

    private static String weight(GraphEditor editor, String name, long... shape) {
        int size = 1;
        for (long dimension : shape) {
            size *= (int) dimension;
        }
        return editor.initializer(name, TensorValue.ofFloats(new float[size], shape));
    }

    private static void assertRefused(GraphEditor editor, String... parts) {
        assertThatThrownBy(() -> read(editor))
                .isInstanceOf(BadInputException.class)
                .hasMessageContainingAll(parts);
    }

    private static Graph read(GraphEditor editor) {
        byte[] file = editor.output(ValueInfo.unranked("y", ElementType.FLOAT))
                .build()
                .toBytes();
        return Graph.parse(file, "bad.onnx");
    }
}
