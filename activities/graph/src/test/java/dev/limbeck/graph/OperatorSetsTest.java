package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Graphs in newer operator sets against themselves in their own, in ONNX Runtime. */
class OperatorSetsTest {

    @Test
    void aNewerOperatorSetKeepsTheFunction() {
        Graph old = versionNine();

        for (int version : new int[] {10, 11, 12, 13, 17, 18}) {
            Graph raised = old.edit().requireOpset(version).build();
            assertThat(raised.opset()).isEqualTo(version);
            assertThat(Oracle.difference(old, raised, 2, 3))
                    .as("version " + version)
                    .isLessThan(1e-6f);
            assertThat(ShapeInference.infer(raised, 2).get("y").shape())
                    .isEqualTo(ShapeInference.infer(old, 2).get("y").shape());
        }
    }

    static Stream<Arguments> olderNodes() {
        return Stream.of(
                Arguments.of(9, node("Softmax", "x")),
                Arguments.of(12, node("LogSoftmax", "x").withInteger("axis", 2)),
                Arguments.of(11, node("Softmax", "x").withInteger("axis", -1)),
                Arguments.of(9, node("Upsample", "x", "twice")),
                Arguments.of(9, node("Upsample", "x", "twice").withText("mode", "linear")),
                Arguments.of(10, node("Resize", "x", "twice")),
                Arguments.of(10, node("Resize", "x", "smaller")),
                Arguments.of(10, node("Resize", "x", "mixed").withText("mode", "linear")),
                Arguments.of(10, node("Scatter", "x", "places", "updates")),
                Arguments.of(16, node("GridSample", "x", "grid")),
                Arguments.of(19, node("GridSample", "x", "grid").withText("mode", "bicubic")),
                Arguments.of(18, node("GroupNormalization", "x", "s", "b").withInteger("num_groups", 2)));
    }

    @ParameterizedTest
    @MethodSource("olderNodes")
    void aNodeOfAnOlderOperatorSetKeepsItsFunction(int version, Node node) {
        Graph old = graph(version, node);
        for (int newer : new int[] {13, 18, 21, 23}) {
            if (newer > version) {
                Graph raised = old.edit().requireOpset(newer).build();
                assertThat(raised.opset()).isEqualTo(newer);
                assertThat(Oracle.difference(old, raised, 2, 3))
                        .as("version " + newer)
                        .isLessThan(1e-6f);
            }
        }
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(10, node("Resize", "x", "mixed")),
                Arguments.of(
                        18, node("GroupNormalization", "x", "computed", "b").withInteger("num_groups", 2)));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void namesTheNodeThatANewerOperatorSetReadsDifferently(int version, Node node) {
        Graph old = graph(version, node);

        assertThatThrownBy(() -> old.edit().requireOpset(21).build())
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'n' (" + node.op() + ")");
    }

    private static Node node(String op, String... inputs) {
        return Node.of(op, "n", List.of(inputs), List.of("y"));
    }

    private static Graph graph(int version, Node node) {
        GraphEditor editor = GraphEditor.create("old").input(new ValueInfo("x", ElementType.FLOAT, -1, 4, 6, 5));
        editor.initializer("twice", TensorValue.ofFloats(new float[] {1, 1, 2, 2.5f}, 4));
        editor.initializer("smaller", TensorValue.ofFloats(new float[] {1, 1, 0.5f, 0.7f}, 4));
        editor.initializer("mixed", TensorValue.ofFloats(new float[] {1, 1, 0.5f, 2}, 4));
        editor.initializer("places", TensorValue.ofLongs(new long[] {1, 0}, 2, 1, 1, 1));
        editor.initializer("updates", TensorValue.ofFloats(new float[] {5, 6}, 2, 1, 1, 1));
        editor.initializer(
                "grid", TensorValue.ofFloats(new float[] {0, 0.3f, -0.5f, 0.7f, 0.1f, 1, -1, 0}, 2, 1, 2, 2));
        editor.initializer("s", TensorValue.ofFloats(new float[] {1, 2}, 2));
        editor.initializer("b", TensorValue.ofFloats(new float[] {0.5f, -1}, 2));
        editor.add("Neg", "computed", "s");
        editor.add(node);
        Graph graph = editor.output(ValueInfo.unranked("y", ElementType.FLOAT)).build();
        var model = graph.proto().toBuilder();
        model.getOpsetImportBuilder(0).setVersion(version);
        return Graph.of(model.build());
    }

    private static Graph versionNine() {
        GraphEditor editor = GraphEditor.create("old").input(new ValueInfo("x", ElementType.FLOAT, -1, 4, 6, 5));
        editor.add(Node.of("Clip", "clip", List.of("x"), List.of("clip")).withNumber("min", -0.5f));
        editor.add(Node.of("Pad", "pad", List.of("clip"), List.of("pad"))
                .withIntegers("pads", 0, 0, 1, 1, 0, 0, 0, 2)
                .withNumber("value", 0.25f));
        editor.add(Node.of("Slice", "slice", List.of("pad"), List.of("slice"))
                .withIntegers("starts", 1, 0)
                .withIntegers("ends", 6, -1)
                .withIntegers("axes", 2, 3));
        editor.add(
                Node.of("Split", "split", List.of("slice"), List.of("a", "b")).withInteger("axis", 1));
        editor.add(Node.of("ReduceSum", "sum", List.of("a"), List.of("sum")).withIntegers("axes", 3));
        editor.add(Node.of("ReduceMean", "mean", List.of("b"), List.of("mean"))
                .withIntegers("axes", 3)
                .withInteger("keepdims", 0));
        editor.add(
                Node.of("Unsqueeze", "open", List.of("mean"), List.of("open")).withIntegers("axes", 3));
        editor.add("Add", "added", "sum", "open");
        editor.add(Node.of("Squeeze", "closed", List.of("added"), List.of("closed"))
                .withIntegers("axes", 3));
        editor.add(Node.of("Dropout", "dropout", List.of("closed"), List.of("dropout"))
                .withNumber("ratio", 0.3f));
        editor.add(Node.of("Softmax", "probabilities", List.of("dropout"), List.of("y"))
                .withInteger("axis", 2));
        Graph graph = editor.output(ValueInfo.unranked("y", ElementType.FLOAT)).build();
        var model = graph.proto().toBuilder();
        model.getOpsetImportBuilder(0).setVersion(9);
        return Graph.of(model.build());
    }
}
