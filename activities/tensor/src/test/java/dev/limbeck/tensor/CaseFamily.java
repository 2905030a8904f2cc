package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/** The cases of some related operators, and what it takes to write them down shortly. */
abstract class CaseFamily {

    /** The operator sets that Limbeck promises. */
    static final int OLDEST = 9;

    static final int NEWEST = 23;

    private final List<Case> cases = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(11);
    private int first = OLDEST;
    private int last = NEWEST;
    private Case.Difference difference = Case.Difference.HUNDRED_THOUSANDTH;
    private boolean smooth = true;
    private GraphEditor editor;

    /** Adds the cases. */
    abstract void define();

    List<Case> cases() {
        if (cases.isEmpty()) {
            define();
        }
        return cases;
    }

    /** The cases that follow mean the same in these operator sets. */
    void opsets(int oldest, int newest) {
        first = oldest;
        last = newest;
    }

    void opsetsFrom(int oldest) {
        opsets(oldest, NEWEST);
    }

    /** The cases that follow may differ so much from ONNX Runtime. */
    void differ(Case.Difference largest) {
        difference = largest;
    }

    /** Whether the cases that follow have a gradient that finite differences can find. */
    void smooth(boolean are) {
        smooth = are;
    }

    /**
     * Adds a case on normal random numbers.
     *
     * @param name the operator, and what is special about the node after a space
     * @param body adds nodes to the editor, and returns the tensor that is the output
     */
    void add(String name, long[] shape, Function<GraphEditor, String> body) {
        add(name, Nets.normal(name.hashCode(), shape), body);
    }

    void add(String name, FloatTensor input, Function<GraphEditor, String> body) {
        editor = GraphEditor.create(name).input(Nets.input(input.shape()));
        Graph graph = Nets.finish(editor, body.apply(editor));
        String[] parts = name.split(" ", 2);
        String mode = parts.length == 1 ? "" : parts[1];
        cases.add(new Case(parts[0], mode, graph, input, first, last, difference, smooth));
    }

    void unary(String op) {
        add(op, new long[] {2, 3, 4, 5}, g -> g.add(op, "y", "x"));
    }

    static long[] dims(long... dims) {
        return dims;
    }

    SplittableRandom random() {
        return random;
    }

    /** An initializer of small random numbers. */
    String weight(String name, long... shape) {
        return editor.initializer(name, Nets.weights(random, 0.5, shape));
    }

    String longs(String name, long... values) {
        return editor.initializer(name, TensorValue.ofLongs(values, values.length));
    }

    String floats(String name, float... values) {
        return editor.initializer(name, TensorValue.ofFloats(values, values.length));
    }

    /** An initializer of one number. */
    String number(String name, float value) {
        return editor.initializer(name, TensorValue.scalar(value));
    }

    String integer(String name, long value) {
        return editor.initializer(name, TensorValue.ofLongs(new long[] {value}));
    }

    String integers(String name, long[] shape, long... values) {
        return editor.initializer(name, TensorValue.ofLongs(values, shape));
    }

    /** Adds a node as it is, and returns its first output. */
    String append(Node node) {
        return editor.add(node);
    }

    /** Adds a node and returns its output, for bodies of several nodes. */
    String then(Node node) {
        return editor.add(node.withName(editor.unique(node.op())).withOutputs(List.of(editor.unique("t"))));
    }

    /** Integers and booleans become the floats that a graph of a case must end in. */
    String cast(String tensor) {
        return cast(tensor, ElementType.FLOAT);
    }

    String cast(String tensor, ElementType type) {
        return then(node("Cast", tensor).withInteger("to", type.code()));
    }

    static Node node(String op, String... inputs) {
        return Node.of(op, op.toLowerCase(), List.of(inputs), List.of("y"));
    }
}
