package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import java.util.LinkedHashSet;
import java.util.Set;

/** Finds the activations that hold floats, as against shapes and indices. */
final class FloatTensors {

    private static final Set<String> MAKE_INTEGERS =
            Set.of("Shape", "Size", "ArgMax", "ArgMin", "NonZero", "Equal", "Greater", "Less", "Not", "And", "Or");

    private FloatTensors() {}

    /** In topological order. */
    static Set<String> of(Graph graph) {
        Set<String> floats = new LinkedHashSet<>();
        graph.inputs().stream().filter(i -> i.type() == ElementType.FLOAT).forEach(i -> floats.add(i.name()));
        for (Node node : graph.nodes()) {
            boolean cast = node.op().equals("Cast");
            boolean makesFloats = cast
                    ? node.integer("to", 0) == ElementType.FLOAT.code()
                    : !MAKE_INTEGERS.contains(node.op()) && readsFloats(graph, floats, node);
            if (makesFloats) {
                floats.add(node.output(0));
            }
        }
        return floats;
    }

    private static boolean readsFloats(Graph graph, Set<String> floats, Node node) {
        return floats.contains(node.input(0))
                || floats.contains(node.input(1))
                || graph.initializer(node.input(0))
                        .filter(v -> v.type() == ElementType.FLOAT)
                        .isPresent();
    }
}
