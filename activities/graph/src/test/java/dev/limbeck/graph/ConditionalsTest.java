package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.limbeck.schemas.BadInputException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Branches that are always taken stand in the place of their If once a file is read. */
class ConditionalsTest {

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theTakenBranchReplacesItsIf(boolean condition) {
        GraphEditor editor = GraphEditor.create("constant").input(new ValueInfo("x", ElementType.FLOAT, -1, 3));
        editor.add(constant("condition", condition));
        Graph graph = finish(editor, choice("condition", "x"));

        Graph read = Graph.parse(graph.toBytes(), "constant");

        assertThat(read.nodes()).extracting(Node::op).doesNotContain("If").contains(condition ? "Neg" : "Exp");
        assertThat(Oracle.difference(graph, read, 2, 1)).isZero();
    }

    @Test
    void branchesWithinBranchesFollow() {
        GraphEditor inner = GraphEditor.create("outer then");
        inner.initializer("yes", TensorValue.ofBytes(ElementType.BOOL, new byte[] {1}));
        // "base" comes from two levels up.
        inner.add(choice("yes", "base"));
        Node outer = Node.of("If", "outer", List.of("no"), List.of("a", "b"));
        outer = with(outer, "else_branch", branch(inner, "a", "b"));
        outer = with(outer, "then_branch", copies());
        GraphEditor editor = GraphEditor.create("nested").input(new ValueInfo("x", ElementType.FLOAT, -1, 3));
        editor.initializer("no", TensorValue.ofBytes(ElementType.BOOL, new byte[] {0}));
        editor.add("Abs", "base", "x");
        Graph graph = finish(editor, outer);

        Graph read = Graph.parse(graph.toBytes(), "nested");

        assertThat(read.nodes()).extracting(Node::op).containsExactlyInAnyOrder("Abs", "Neg", "Add", "Mul");
        assertThat(Oracle.difference(graph, read, 2, 1)).isZero();
    }

    @Test
    void questionsAboutFixedDimensionsAreAnswered() {
        Graph fixed = squeezeIfOne(1);
        Graph other = squeezeIfOne(3);

        assertThat(Graph.parse(fixed.toBytes(), "fixed").nodes())
                .extracting(Node::op)
                .contains("Neg")
                .doesNotContain("If");
        assertThat(Graph.parse(other.toBytes(), "other").nodes())
                .extracting(Node::op)
                .contains("Exp")
                .doesNotContain("If");
    }

    @Test
    void questionsAboutDynamicDimensionsStay() {
        Graph graph = squeezeIfOne(ValueInfo.DYNAMIC);

        assertThat(Graph.parse(graph.toBytes(), "dynamic").nodes())
                .extracting(Node::op)
                .contains("If");
    }

    @Test
    void namesAnIfThatLacksItsBranch() {
        GraphEditor editor = GraphEditor.create("broken").input(new ValueInfo("x", ElementType.FLOAT, -1, 3));
        editor.add(constant("condition", true));
        Node broken = Node.of("If", "broken", List.of("condition"), List.of("a", "b"));
        Graph graph = finish(editor, broken);

        assertThatThrownBy(() -> Graph.parse(graph.toBytes(), "broken"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'broken' (If) has no then_branch");
    }

    /** y = a * b of the If's outputs. */
    private static Graph finish(GraphEditor editor, Node choice) {
        editor.add(choice);
        String y = editor.add("Mul", "y", "a", "b");
        return editor.output(new ValueInfo(y, ElementType.FLOAT, -1, 3)).build();
    }

    private static Graph squeezeIfOne(long dimension) {
        GraphEditor editor = GraphEditor.create("squeeze").input(new ValueInfo("x", ElementType.FLOAT, 2, dimension));
        editor.initializer("one", TensorValue.ofLongs(new long[] {1}, 1));
        String size = editor.add("Gather", "size", editor.add("Shape", "shape", "x"), "one");
        editor.add("Equal", "condition", size, "one");
        return finish(editor, choice("condition", "x"));
    }

    private static Node constant(String name, boolean value) {
        return Node.of("Constant", name, List.of(), List.of(name))
                .withTensor("value", TensorValue.ofBytes(ElementType.BOOL, new byte[] {(byte) (value ? 1 : 0)}));
    }

    /** (a, b) = condition ? (-x, -x + shift) : (exp(x), x). */
    private static Node choice(String condition, String x) {
        GraphEditor taken = GraphEditor.create("then");
        taken.initializer("shift", TensorValue.ofFloats(new float[] {1, 2, 3}, 3));
        taken.add("Neg", "h", x);
        taken.add("Add", "t", "h", "shift");
        GraphEditor other = GraphEditor.create("else");
        other.add("Exp", "e", x);
        other.add("Identity", "i", x);
        Node choice = Node.of("If", "choice", List.of(condition), List.of("a", "b"));
        return with(with(choice, "then_branch", branch(taken, "h", "t")), "else_branch", branch(other, "e", "i"));
    }

    private static GraphProto copies() {
        GraphEditor editor = GraphEditor.create("copies");
        editor.add("Identity", "first", "x");
        editor.add("Identity", "second", "x");
        return branch(editor, "first", "second");
    }

    /** A graph that reads from outside itself, which the editor's own build would refuse. */
    private static GraphProto branch(GraphEditor editor, String... outputs) {
        GraphProto.Builder graph = GraphProto.newBuilder().setName("branch");
        editor.nodes().forEach(node -> graph.addNode(node.proto()));
        for (String name : List.of("shift", "yes")) {
            if (editor.initializer(name) != null) {
                graph.addInitializer(editor.initializer(name).proto());
            }
        }
        Graph typed = GraphEditor.create("outputs")
                .input(new ValueInfo(outputs[0], ElementType.FLOAT, -1, 3))
                .input(new ValueInfo(outputs[1], ElementType.FLOAT, -1, 3))
                .output(new ValueInfo(outputs[0], ElementType.FLOAT, -1, 3))
                .output(new ValueInfo(outputs[1], ElementType.FLOAT, -1, 3))
                .build();
        return graph.addAllOutput(typed.proto().getGraph().getOutputList()).build();
    }

    private static Node with(Node node, String name, GraphProto graph) {
        NodeProto.Builder builder = node.proto().toBuilder()
                .addAttribute(AttributeProto.newBuilder()
                        .setName(name)
                        .setType(AttributeType.GRAPH)
                        .setG(graph));
        return new Node(builder.build());
    }
}
