package dev.limbeck.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tensors that alone separate a graph in two: every path from an input to an output goes through them.
 *
 * <p>A node lies on a path if it depends on an input and an output depends on it. In any topological order, what such a tensor
 * depends on comes before it and what depends on it comes after; so right after its producer it is the only tensor that was made
 * and is still to be read. Counting these open tensors along the order finds all cuts in linear time.
 */
public final class Cuts {

    private Cuts() {}

    /** @return names from the input to the output; without the graph's inputs and outputs themselves */
    public static List<String> find(Graph graph) {
        List<Node> path = onPaths(graph);
        Map<String, Integer> lastReader = new HashMap<>();
        Set<String> open = new HashSet<>();
        graph.inputs().forEach(input -> open.add(input.name()));
        for (int i = 0; i < path.size(); i++) {
            for (String name : Topology.reads(path.get(i))) {
                lastReader.put(name, i);
            }
        }
        graph.outputs().forEach(output -> lastReader.put(output.name(), Integer.MAX_VALUE));
        open.removeIf(name -> !lastReader.containsKey(name));
        List<String> cuts = new ArrayList<>();
        for (int i = 0; i < path.size(); i++) {
            Node node = path.get(i);
            for (String output : node.outputs()) {
                if (lastReader.containsKey(output)) {
                    open.add(output);
                }
            }
            for (String name : Topology.reads(node)) {
                if (lastReader.getOrDefault(name, -1) <= i) {
                    open.remove(name);
                }
            }
            if (open.size() == 1) {
                String only = open.iterator().next();
                if (node.outputs().contains(only) && !graph.isOutput(only)) {
                    cuts.add(only);
                }
            }
        }
        return cuts;
    }

    /** Nodes that depend on an input and that an output depends on, in topological order. */
    static List<Node> onPaths(Graph graph) {
        List<Node> live = Topology.sortLive(
                graph.nodes(),
                graph.inputs(),
                graph.outputs(),
                graph.initializers().keySet());
        Set<String> dependent = new HashSet<>();
        graph.inputs().forEach(input -> dependent.add(input.name()));
        List<Node> path = new ArrayList<>();
        for (Node node : live) {
            if (Topology.reads(node).stream().anyMatch(dependent::contains)) {
                dependent.addAll(node.outputs());
                dependent.remove("");
                path.add(node);
            }
        }
        return path;
    }
}
