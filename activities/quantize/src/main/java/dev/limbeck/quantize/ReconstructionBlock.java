package dev.limbeck.quantize;

import dev.limbeck.graph.Cuts;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.Subgraph;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A part of a network whose weights are rounded together: a residual block with its shortcut, or what lies between two narrow places,
 * such as an inverted bottleneck.
 *
 * @param from the tensor that it reads
 * @param to the tensor that it makes
 * @param graph from one to the other
 * @param layers with weights to round, in the order of the graph
 */
record ReconstructionBlock(String from, String to, Graph graph, List<Node> layers) {

    /** More layers than these are rounded together only where a shortcut spans them. */
    private static final int MAX_LAYERS = 6;

    /**
     * Blocks in the order of the graph; layers that lie in none, because branches go around them or shapes are not known, are left out.
     *
     * @param hasWeight which nodes have weights to round
     */
    static List<ReconstructionBlock> find(Graph graph, Predicate<Node> hasWeight) {
        if (graph.inputs().size() != 1 || graph.outputs().size() != 1) {
            return List.of();
        }
        Map<String, Long> sizes = sizes(graph);
        if (sizes.isEmpty()) {
            return List.of();
        }
        List<String> places = new ArrayList<>();
        places.add(graph.inputs().getFirst().name());
        Cuts.find(graph).stream()
                .filter(cut -> sizes.containsKey(cut) && !isBeforeActivation(graph, cut))
                .forEach(places::add);
        places.add(graph.outputs().getFirst().name());
        List<ReconstructionBlock> blocks = new ArrayList<>();
        int start = 0;
        while (start < places.size() - 1) {
            int end = end(graph, places, sizes, start, hasWeight);
            ReconstructionBlock block = between(graph, places.get(start), places.get(end), hasWeight);
            if (!block.layers.isEmpty()) {
                blocks.add(block);
            }
            start = end;
        }
        return blocks;
    }

    /** The place where the block that starts at a place ends. */
    private static int end(
            Graph graph, List<String> places, Map<String, Long> sizes, int start, Predicate<Node> hasWeight) {
        for (int end = start + 1; end < places.size() - 1; end++) {
            ReconstructionBlock block = between(graph, places.get(start), places.get(end), hasWeight);
            if (block.layers.isEmpty()) {
                continue;
            }
            ReconstructionBlock next = between(graph, places.get(end), places.get(end + 1), hasWeight);
            long size = sizes.get(places.get(end));
            boolean narrow = size <= sizes.getOrDefault(places.get(end - 1), size)
                    && size < sizes.getOrDefault(places.get(end + 1), size);
            boolean full = block.layers.size() + next.layers.size() > MAX_LAYERS;
            if (narrow || full || next.isResidual() || isResidualEnd(graph, places, end, hasWeight)) {
                return end;
            }
        }
        return places.size() - 1;
    }

    private static boolean isResidualEnd(Graph graph, List<String> places, int end, Predicate<Node> hasWeight) {
        return between(graph, places.get(end - 1), places.get(end), hasWeight).isResidual();
    }

    /** Whether a shortcut goes around layers; a gate, as of squeeze and excitation, is none. */
    private boolean isResidual() {
        return !layers.isEmpty()
                && graph.nodes().stream()
                        .anyMatch(node -> node.op().equals("Add")
                                && node.inputs().stream().noneMatch(graph.initializers()::containsKey));
    }

    private static ReconstructionBlock between(Graph graph, String from, String to, Predicate<Node> hasWeight) {
        Graph part = Subgraph.extract(graph, from, to);
        List<Node> layers = part.nodes().stream().filter(hasWeight).toList();
        return new ReconstructionBlock(from, to, part, layers);
    }

    private static boolean isBeforeActivation(Graph graph, String tensor) {
        List<Node> readers = graph.consumers(tensor);
        return readers.size() == 1 && FollowingActivation.isElementwise(readers.getFirst());
    }

    /** Elements of each tensor for one image. */
    private static Map<String, Long> sizes(Graph graph) {
        Map<String, Long> sizes = new HashMap<>();
        try {
            for (ValueInfo info : ShapeInference.infer(graph, 1).values()) {
                sizes.put(info.name(), TensorValue.elements(info.shape()));
            }
        } catch (BadInputException e) {
            return Map.of(); // an operator of unknown shape
        }
        return sizes;
    }
}
