package dev.limbeck.tensor;

import dev.limbeck.graph.Graph;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Which scales of quantization training changes (LSQ, Esser et al. 2020), as a graph's own metadata say; all others stay as they are.
 *
 * <p>What is learned is the logarithm of each scale's ratio to the one that training began with (Jain et al. 2020): scales stay
 * positive, and one learning rate suits tensors of any range.
 */
public final class LearnedScales {

    private static final String KEY = "limbeck.learned-scales";

    private LearnedScales() {}

    /**
     * The same graph, of which training changes these scales.
     *
     * @param initializers of QuantizeLinear nodes, and of the DequantizeLinear nodes that read what those make
     */
    public static Graph mark(Graph graph, Collection<String> initializers) {
        return graph.withMetadata(Map.of(KEY, String.join("\n", initializers)));
    }

    /** The same graph without the mark. */
    public static Graph unmark(Graph graph) {
        Map<String, String> metadata = new TreeMap<>(graph.metadata());
        metadata.remove(KEY);
        return graph.edit().clearMetadata().metadata(metadata).build();
    }

    static Stream<String> of(Graph graph) {
        return graph.metadata().getOrDefault(KEY, "").lines();
    }
}
