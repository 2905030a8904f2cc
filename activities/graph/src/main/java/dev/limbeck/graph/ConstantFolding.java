package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Replaces what does not depend on the data by constants.
 *
 * <p>Values of Constant nodes become initializers, and so do small integer tensors that follow from the shapes alone, such as the
 * target of a Reshape, and floats that are only moved from one constant to another. Sizes that depend on a dynamic
 * dimension stay computed. Identity and, as it does nothing at inference, Dropout are
 * left out.
 */
public final class ConstantFolding {

    /** Operators that give floats as they are. */
    private static final Set<String> MOVING = Set.of(
            "Cast",
            "CastLike",
            "Concat",
            "ConstantOfShape",
            "Expand",
            "Gather",
            "Reshape",
            "Slice",
            "Squeeze",
            "Transpose",
            "Unsqueeze");

    private final Graph graph;
    private final Map<String, KnownValue> known;
    private final boolean whole;
    private final Map<String, TensorValue> constants = new LinkedHashMap<>();

    /** @param whole whether sizes that the inputs declare are taken for granted, and nodes that do nothing at inference left out */
    private ConstantFolding(Graph graph, Map<String, KnownValue> known, boolean whole) {
        this.graph = graph;
        this.known = known;
        this.whole = whole;
    }

    /** @return a graph of the same function; the given one where there is nothing to fold */
    public static Graph fold(Graph graph) {
        return RepeatedBatch.copied(new ConstantFolding(graph, known(graph), true).folded());
    }

    /**
     * Folds only what follows from constants: the graph may still be trained, and run with other sizes than its inputs declare.
     *
     * @return a graph of the same function; the given one where there is nothing to fold
     */
    public static Graph foldConstants(Graph graph) {
        return new ConstantFolding(graph, ShapeInference.whatIsKnown(graph), false).folded();
    }

    private Graph folded() {
        Map<String, String> forwarded = new HashMap<>();
        List<Node> kept = new ArrayList<>();
        for (Node node : graph.nodes()) {
            String output = node.output(0);
            Optional<TensorValue> constant = graph.isOutput(output) ? Optional.empty() : constant(node);
            if (constant.isPresent()) {
                constants.put(output, constant.get());
            } else if (whole && isForwarder(node, graph)) {
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

    private Optional<TensorValue> constant(Node node) {
        if (node.op().equals("Constant")) {
            return Constants.value(node);
        }
        return Optional.ofNullable(known.get(node.output(0)))
                .filter(value -> node.outputs().size() == 1 && isFoldable(node, value.type()))
                .map(KnownValue::tensor);
    }

    private boolean isFoldable(Node node, ElementType type) {
        if (type == ElementType.FLOAT) {
            return MOVING.contains(node.op()) && readsConstants(node);
        }
        boolean integer = type == ElementType.INT64 || type == ElementType.INT32 || type == ElementType.BOOL;
        return integer && (whole || readsConstants(node));
    }

    /** Weights are no constants, as training changes them; but their shapes are. */
    private boolean readsConstants(Node node) {
        boolean onlyShape = node.op().equals("Shape") || node.op().equals("Size");
        return node.inputs().stream()
                .limit(node.op().equals("CastLike") ? 1 : Long.MAX_VALUE)
                .allMatch(input -> input.isEmpty()
                        || constants.containsKey(input)
                        || graph.initializer(input)
                                .filter(value -> onlyShape || value.type() != ElementType.FLOAT)
                                .isPresent());
    }

    private static Map<String, KnownValue> known(Graph graph) {
        try {
            return ShapeInference.run(graph, Map.of()).known();
        } catch (BadInputException e) {
            // Constants can be folded though an operator's shapes are not known.
            return Map.of();
        }
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
