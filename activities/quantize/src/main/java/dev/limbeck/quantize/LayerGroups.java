package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the groups of a network: the connected components of its tensors with a grid, where two are connected by a node that reads both. */
final class LayerGroups {

    private final Graph graph;
    private final QuantizationPlan plan;
    private final Map<String, Encoding> encodings;
    private final Map<String, String> parents = new LinkedHashMap<>();

    /**
     * @param graph as the plan knows it
     * @param encodings of activations and weights: what has a grid
     */
    private LayerGroups(Graph graph, QuantizationPlan plan, Map<String, Encoding> encodings) {
        this.graph = graph;
        this.plan = plan;
        this.encodings = encodings;
    }

    /**
     * In the order of their first tensors.
     *
     * @param multiplying nodes, in the order of the graph
     */
    static List<LayerGroup> of(
            Graph graph, QuantizationPlan plan, Map<String, Encoding> encodings, List<Node> multiplying) {
        return new LayerGroups(graph, plan, encodings).find(multiplying);
    }

    private List<LayerGroup> find(List<Node> multiplying) {
        plan.quantized().forEach(tensor -> join(tensor, plan.root(tensor)));
        for (Node node : graph.nodes()) {
            List<String> read = gridsOf(node);
            read.forEach(tensor -> join(read.getFirst(), tensor));
            if (plan.isGated(node)) {
                // the integer form of a hard activation reads its input's integers on another scale
                join(node.input(0), node.output(0));
            }
        }
        Map<String, List<Node>> layers = new LinkedHashMap<>();
        Map<String, List<String>> activations = new LinkedHashMap<>();
        Map<String, List<String>> weights = new LinkedHashMap<>();
        for (String tensor : List.copyOf(parents.keySet())) {
            boolean constant = graph.initializers().containsKey(tensor);
            (constant ? weights : activations)
                    .computeIfAbsent(top(tensor), t -> new ArrayList<>())
                    .add(tensor);
            layers.computeIfAbsent(top(tensor), t -> new ArrayList<>());
        }
        for (Node node : multiplying) {
            if (!gridsOf(node).isEmpty()) {
                layers.get(top(gridsOf(node).getFirst())).add(node);
            }
        }
        List<LayerGroup> groups = new ArrayList<>();
        layers.forEach((top, nodes) -> groups.add(new LayerGroup(
                nodes.isEmpty() ? top : nodes.getFirst().label(),
                nodes,
                activations.getOrDefault(top, List.of()),
                weights.getOrDefault(top, List.of()))));
        return groups;
    }

    private List<String> gridsOf(Node node) {
        return node.inputs().stream().filter(encodings::containsKey).toList();
    }

    private void join(String a, String b) {
        String first = top(a);
        String second = top(b);
        parents.put(second, first);
    }

    private String top(String tensor) {
        String parent = parents.computeIfAbsent(tensor, itself -> itself);
        return parent.equals(tensor) ? tensor : top(parent);
    }
}
