package dev.limbeck.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the tensors that cut a graph in two. */
public final class Cuts {

    private Cuts() {}

    /**
     * The tensors through which everything flows: each alone separates the inputs from the outputs, so that what comes before and
     * after it can be run, trained and replaced on its own. Inputs and outputs of the graph are not among them.
     *
     * @return names, from the inputs to the outputs
     */
    public static List<String> find(Graph graph) {
        // In topological order, a tensor is a cut where it is the only one alive: made or fed before, and still to be
        // read.
        Map<String, Integer> lastRead = new HashMap<>();
        Set<String> varying = new HashSet<>();
        graph.inputs().forEach(input -> varying.add(input.name()));
        List<Node> nodes = graph.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            for (String input : nodes.get(i).inputs()) {
                lastRead.put(input, i);
            }
            for (String input : Topology.captured(nodes.get(i))) {
                lastRead.put(input, i);
            }
            if (nodes.get(i).inputs().stream().anyMatch(varying::contains)
                    || Topology.captured(nodes.get(i)).stream().anyMatch(varying::contains)) {
                varying.addAll(nodes.get(i).outputs());
            }
        }
        graph.outputs().forEach(output -> lastRead.put(output.name(), nodes.size()));
        Set<String> outputs = new HashSet<>();
        graph.outputs().forEach(output -> outputs.add(output.name()));

        Set<String> alive = new HashSet<>();
        graph.inputs().forEach(input -> alive.add(input.name()));
        List<String> cuts = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            int now = i;
            alive.removeIf(tensor -> lastRead.getOrDefault(tensor, -1) <= now);
            for (String output : nodes.get(i).outputs()) {
                if (varying.contains(output) && lastRead.getOrDefault(output, -1) > i) {
                    alive.add(output);
                }
            }
            if (alive.size() == 1
                    && nodes.get(i).outputs().contains(alive.iterator().next())) {
                String only = alive.iterator().next();
                if (!outputs.contains(only)) {
                    cuts.add(only);
                }
            }
        }
        return cuts;
    }
}
