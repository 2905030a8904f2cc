package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Replaces what does not depend on the data by constants.
 *
 * <p>Values of Constant nodes become initializers, and so do small integer tensors that follow from the shapes alone, such as the
 * target of a Reshape. Sizes that depend on a dynamic
 * dimension stay computed. Identity and, as it does nothing at inference, Dropout are
 * left out.
 */
public final class ConstantFolding {

    private ConstantFolding() {}

    /** @return a graph of the same function; the given one where there is nothing to fold */
    public static Graph fold(Graph graph) {
        Map<String, KnownValue> known = known(graph);
        Map<String, String> forwarded = new HashMap<>();
        List<Node> kept = new ArrayList<>();
        Map<String, TensorValue> constants = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            String output = node.output(0);
            Optional<TensorValue> constant = graph.isOutput(output) ? Optional.empty() : constant(node, known);
            if (constant.isPresent()) {
                constants.put(output, constant.get());
            } else if (isForwarder(node, graph)) {
                forwarded.put(output, forwarded.getOrDefault(node.input(0), node.input(0)));
            } else {
                kept.add(redirected(node, forwarded));
            }
        }
        if (constants.isEmpty() && forwarded.isEmpty()) {
            return graph;
        }
        GraphEditor editor = graph.edit().clearNodes();
        constants.forEach(editor::initializer);
        kept.forEach(editor::add);
        return editor.build();
    }

    private static Node redirected(Node node, Map<String, String> forwarded) {
        return node.inputs().stream().anyMatch(forwarded::containsKey)
                ? node.withInputs(node.inputs().stream()
                        .map(input -> forwarded.getOrDefault(input, input))
                        .toList())
                : node;
    }

    private static Optional<TensorValue> constant(Node node, Map<String, KnownValue> known) {
        if (node.op().equals("Constant")) {
            return Constants.value(node);
        }
        return isFoldable(node, known) ? Optional.of(known.get(node.output(0)).tensor()) : Optional.empty();
    }

    private static Map<String, KnownValue> known(Graph graph) {
        try {
            return ShapeInference.run(graph, Map.of()).known();
        } catch (BadInputException e) {
            // Constant nodes can be folded though an operator's shapes are not known.
            return Map.of();
        }
    }

    private static boolean isFoldable(Node node, Map<String, KnownValue> known) {
        KnownValue value = known.get(node.output(0));
        return node.outputs().size() == 1
                && value != null
                && (value.type() == ElementType.INT64
                        || value.type() == ElementType.INT32
                        || value.type() == ElementType.BOOL);
    }

    private static boolean isForwarder(Node node, Graph graph) {
        boolean idle = node.op().equals("Identity")
                || node.op().equals("Dropout")
                        && !node.hasInput(2)
                        && node.output(1).isEmpty();
        // Graphs within If and Loop keep reading the name.
        return idle
                && !graph.isOutput(node.output(0))
                && graph.consumers(node.output(0)).stream()
                        .allMatch(reader -> Topology.captured(reader).isEmpty());
    }
}
