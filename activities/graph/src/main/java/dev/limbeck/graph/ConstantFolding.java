package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.Map;

/**
 * Replaces what does not depend on the data by constants.
 *
 * <p>Values of Constant nodes become initializers, and so do small integer tensors that follow from the shapes alone, such as the
 * target of a Reshape. Sizes that depend on a dynamic batch stay computed. Identity and, as it does nothing at inference, Dropout are
 * left out.
 */
public final class ConstantFolding {

    private ConstantFolding() {}

    /** @return a graph of the same function; the given one where there is nothing to fold */
    public static Graph fold(Graph graph) {
        Map<String, KnownValue> known = known(graph);
        GraphEditor editor = graph.edit();
        boolean changed = false;
        for (Node node : graph.nodes()) {
            String output = node.output(0);
            if (isForwarder(node, graph)) {
                String source = editor.nodes().stream()
                        .filter(n -> n.output(0).equals(output))
                        .findFirst()
                        .orElseThrow()
                        .input(0);
                editor.redirect(output, source);
                changed = true;
            } else if (node.op().equals("Constant") && !graph.isOutput(output)) {
                TensorValue value = Constants.value(node).orElse(null);
                if (value != null) {
                    editor.remove(node).initializer(output, value);
                    changed = true;
                }
            } else if (isFoldable(node, known) && !graph.isOutput(output)) {
                editor.remove(node).initializer(output, known.get(output).tensor());
                changed = true;
            }
        }
        return changed ? editor.build() : graph;
    }

    private static Map<String, KnownValue> known(Graph graph) {
        try {
            return ShapeInference.run(graph, ShapeInference.inputShapes(graph, ValueInfo.DYNAMIC))
                    .known();
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
