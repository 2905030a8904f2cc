package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/** Finds the activations that hold floats, as against shapes, indices, and factors by which images grow. */
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
        floats.retainAll(data(graph));
        return floats;
    }

    /** What the outputs are computed from, without what only says how large an image becomes: a step of a grid would change that. */
    private static Set<String> data(Graph graph) {
        Set<String> data = new HashSet<>();
        graph.outputs().forEach(output -> data.add(output.name()));
        for (Node node : graph.nodes().reversed()) {
            if (node.outputs().stream().anyMatch(data::contains)) {
                boolean resizes = node.op().equals("Resize") || node.op().equals("Upsample");
                data.addAll(resizes ? node.inputs().subList(0, 1) : node.inputs());
                data.addAll(node.captured());
            }
        }
        return data;
    }

    private static boolean readsFloats(Graph graph, Set<String> floats, Node node) {
        return floats.contains(node.input(0))
                || floats.contains(node.input(1))
                || graph.initializer(node.input(0))
                        .filter(v -> v.type() == ElementType.FLOAT)
                        .isPresent();
    }
}
