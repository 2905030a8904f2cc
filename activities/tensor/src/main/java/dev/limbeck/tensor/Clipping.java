package dev.limbeck.tensor;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.List;
import java.util.Optional;

/** The interval that a Relu or a Clip leaves of floats. A grid that alone reads it can clip in the same pass over memory. */
record Clipping(double low, double high) {

    static final Clipping NONE = new Clipping(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    /** What a node does, where that is known and all that it does. */
    static Optional<Clipping> of(Graph graph, Node node) {
        if (node.op().equals("Relu")) {
            return Optional.of(new Clipping(0, Double.POSITIVE_INFINITY));
        }
        if (!node.op().equals("Clip") || node.inputs().size() < 3) {
            return Optional.empty();
        }
        List<Optional<TensorValue>> ends = List.of(graph.initializer(node.input(1)), graph.initializer(node.input(2)));
        return ends.stream().allMatch(Optional::isPresent)
                ? Optional.of(new Clipping(
                        ends.getFirst().get().scalarFloat(),
                        ends.getLast().get().scalarFloat()))
                : Optional.empty();
    }
}
