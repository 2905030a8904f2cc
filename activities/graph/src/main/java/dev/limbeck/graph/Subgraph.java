package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes parts out of a graph, as graphs of their own. Their batch is dynamic, unless the nodes fix it. */
public final class Subgraph {

    private Subgraph() {}

    /**
     * What turns tensor {@code from} into tensor {@code to}: a graph with this one input and this one output.
     *
     * @throws BadInputException if a tensor does not exist, or {@code to} depends on an input of the graph by a way around
     *     {@code from}, or not on {@code from}
     */
    public static Graph extract(Graph graph, String from, String to) {
        between(graph, from, to);
        Map<String, ValueInfo> infos = shapes(graph);
        GraphEditor editor =
                graph.edit().clearInputs().clearOutputs().input(infos.get(from)).output(infos.get(to));
        if (graph.inputs().stream().noneMatch(input -> input.name().equals(from))) {
            // How pixels are normalised, and where the whole came from, says nothing about the part.
            editor.clearMetadata();
        }
        return editor.build();
    }

    /** From the graph's inputs to tensor {@code to}; inputs that it does not depend on are left out. */
    public static Graph prefix(Graph graph, String to) {
        requireTensor(graph, to);
        ValueInfo output = shapes(graph).get(to);
        Graph part = graph.edit().clearOutputs().output(output).build();
        GraphEditor editor = part.edit().clearInputs();
        part.inputs().stream()
                .filter(input ->
                        input.name().equals(to) || !part.consumers(input.name()).isEmpty())
                .forEach(editor::input);
        return editor.build();
    }

    /**
     * From tensor {@code from} to the graph's outputs.
     *
     * @throws BadInputException if an output depends on an input of the graph by a way around {@code from}
     */
    public static Graph suffix(Graph graph, String from) {
        graph.outputs().forEach(output -> between(graph, from, output.name()));
        ValueInfo input = shapes(graph).get(from);
        return graph.edit().clearInputs().clearMetadata().input(input).build();
    }

    /** Nodes that {@code to} needs once {@code from} is there; checks that no input of the graph is among its needs. */
    static List<Node> between(Graph graph, String from, String to) {
        requireTensor(graph, from);
        requireTensor(graph, to);
        if (from.equals(to)) {
            throw new BadInputException("tensor '" + from + "' is both ends of a part, which would be empty");
        }
        Set<Node> found = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<String> wanted = new ArrayDeque<>(List.of(to));
        boolean meets = false;
        while (!wanted.isEmpty()) {
            String name = wanted.pop();
            if (name.equals(from)) {
                meets = true;
                continue;
            }
            if (graph.inputs().stream().anyMatch(input -> input.name().equals(name))) {
                throw new BadInputException(
                        "tensor '" + to + "' depends on input '" + name + "' by a way around tensor '"
                                + from + "'; choose a tensor that separates the graph in two, such as "
                                + nearestCut(graph, to));
            }
            graph.producer(name).filter(found::add).ifPresent(node -> wanted.addAll(Topology.reads(node)));
        }
        if (!meets) {
            throw new BadInputException(
                    "tensor '" + to + "' does not depend on tensor '" + from + "'; are they the wrong way round?");
        }
        List<Node> ordered = new ArrayList<>();
        graph.nodes().stream().filter(found::contains).forEach(ordered::add);
        return ordered;
    }

    private static String nearestCut(Graph graph, String to) {
        List<String> cuts = Cuts.find(graph);
        int position = cuts.indexOf(to);
        return cuts.isEmpty()
                ? "none (this graph has no such tensor)"
                : "'" + cuts.get(Math.max(0, position - 1)) + "'";
    }

    private static void requireTensor(Graph graph, String name) {
        boolean exists = graph.producer(name).isPresent()
                || graph.inputs().stream().anyMatch(input -> input.name().equals(name));
        if (!exists) {
            List<String> cuts = Cuts.find(graph);
            throw new BadInputException("the graph '" + graph.name() + "' has no tensor '" + name
                    + "'; tensors that separate it in two are " + cuts.subList(0, Math.min(20, cuts.size())));
        }
    }

    /** Shapes with a dynamic batch, also where the inputs declare a fixed one that no node insists on. */
    static Map<String, ValueInfo> shapes(Graph graph) {
        Map<String, long[]> declared = ShapeInference.inputShapes(graph, ValueInfo.DYNAMIC);
        Map<String, long[]> freed = new HashMap<>();
        declared.forEach((name, shape) -> {
            long[] sizes = shape.clone();
            if (sizes.length > 1) {
                sizes[0] = ValueInfo.DYNAMIC;
            }
            freed.put(name, sizes);
        });
        try {
            return ShapeInference.infer(graph, freed);
        } catch (BadInputException e) {
            return ShapeInference.infer(graph, declared);
        }
    }
}
