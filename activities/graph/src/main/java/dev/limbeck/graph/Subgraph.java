package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes parts out of a graph. */
public final class Subgraph {

    private Subgraph() {}

    /**
     * The part between two tensors, each of which cuts the graph.
     *
     * @return a graph of one input {@code from} and one output {@code to}, with a dynamic batch
     * @throws BadInputException if a tensor does not exist, or {@code to} depends on more than {@code from}
     */
    public static Graph extract(Graph graph, String from, String to) {
        Map<String, ValueInfo> shapes = ShapeInference.infer(graph, 1);
        return between(graph, List.of(dynamicBatch(known(graph, shapes, from))), known(graph, shapes, to));
    }

    /** The part from the graph's inputs to a tensor, which becomes its only output. */
    public static Graph prefix(Graph graph, String to) {
        return between(graph, graph.inputs(), known(graph, ShapeInference.infer(graph, 1), to));
    }

    private static Graph between(Graph graph, List<ValueInfo> inputs, ValueInfo to) {
        Set<String> available = new HashSet<>();
        inputs.forEach(input -> available.add(input.name()));
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (!available.containsAll(node.outputs())) {
                nodes.add(node);
            }
        }
        GraphEditor editor = graph.edit().clearInputs().clearOutputs().clearMetadata();
        graph.nodes().stream().filter(node -> !nodes.contains(node)).forEach(editor::remove);
        inputs.forEach(editor::input);
        editor.output(dynamicBatch(to));
        try {
            return editor.build();
        } catch (IllegalStateException e) {
            throw new BadInputException(
                    "network '" + graph.name() + "': the part from " + available + " to '" + to.name()
                            + "' cannot be cut out: " + e.getMessage() + "; choose tensors that cut the network in two",
                    e);
        }
    }

    private static ValueInfo known(Graph graph, Map<String, ValueInfo> shapes, String tensor) {
        ValueInfo info = shapes.get(tensor);
        if (info == null) {
            throw new BadInputException("network '" + graph.name() + "' has no tensor '" + tensor + "'");
        }
        return info;
    }

    private static ValueInfo dynamicBatch(ValueInfo info) {
        long[] shape = info.shape();
        if (shape.length > 0) {
            shape[0] = ValueInfo.DYNAMIC;
        }
        return new ValueInfo(info.name(), info.type(), shape);
    }
}
