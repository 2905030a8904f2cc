package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A QuantizeLinear and the DequantizeLinear of the same grid that alone reads it, perhaps with a Clip of the integers in between: what
 * takes floats to a grid and back.
 *
 * @param before what a Relu or a Clip does that alone feeds it
 * @param bounds of the Clip of integers
 * @param outputs of the nodes after the first
 */
record QuantizerChain(Optional<Clipping> before, Optional<Bounds> bounds, Node last, List<String> outputs) {

    /** The integers that a Clip leaves. */
    record Bounds(long lowest, long highest) {}

    /** The chain that begins with a node. */
    static Optional<QuantizerChain> from(Graph graph, Node first) {
        if (!first.op().equals("QuantizeLinear") || first.integer("block_size", 0) > 0 || isInteger(graph, first)) {
            return Optional.empty();
        }
        List<String> outputs = new ArrayList<>();
        Optional<Bounds> bounds = Optional.empty();
        Optional<Node> next = onlyReader(graph, first);
        if (next.isPresent() && next.get().op().equals("Clip")) {
            bounds = bounds(graph, next.get());
            outputs.add(next.get().output(0));
            next = bounds.isPresent() ? onlyReader(graph, next.get()) : Optional.empty();
        }
        if (next.isEmpty() || !returns(next.get(), first)) {
            return Optional.empty();
        }
        outputs.add(next.get().output(0));
        Optional<Clipping> before = graph.producer(first.input(0))
                .filter(clip -> onlyReader(graph, clip).isPresent())
                .flatMap(clip -> Clipping.of(graph, clip));
        return Optional.of(new QuantizerChain(before, bounds, next.get(), outputs));
    }

    /** Whether a node only clips what the grid after it clips as well. */
    static boolean clipsFor(Graph graph, Node node) {
        return Clipping.of(graph, node).isPresent()
                && onlyReader(graph, node).flatMap(next -> from(graph, next)).isPresent();
    }

    private static boolean isInteger(Graph graph, Node first) {
        return graph.initializer(first.input(0))
                .filter(v -> v.type() != ElementType.FLOAT)
                .isPresent();
    }

    private static boolean returns(Node node, Node first) {
        return node.op().equals("DequantizeLinear")
                && node.input(1).equals(first.input(1))
                && node.input(2).equals(first.input(2))
                && node.integer("axis", 1) == first.integer("axis", 1);
    }

    private static Optional<Node> onlyReader(Graph graph, Node node) {
        List<Node> readers = graph.consumers(node.output(0));
        return readers.size() == 1 && !graph.isOutput(node.output(0))
                ? Optional.of(readers.getFirst())
                : Optional.empty();
    }

    private static Optional<Bounds> bounds(Graph graph, Node clip) {
        Optional<TensorValue> low = graph.initializer(clip.input(1));
        Optional<TensorValue> high = graph.initializer(clip.input(2));
        return low.isPresent() && high.isPresent()
                ? Optional.of(new Bounds(low.get().longs()[0], high.get().longs()[0]))
                : Optional.empty();
    }
}
