package dev.limbeck.quantize;

import static java.util.Objects.requireNonNull;

import dev.limbeck.graph.Graph;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A quantized network.
 *
 * @param graph with QuantizeLinear and DequantizeLinear nodes; same inputs, outputs and metadata as the float network
 * @param encodings of activations and weights, by the name of the tensor in the float network after batch-norm folding
 * @param steps what was done, in order, in words for a report
 */
public record Quantized(Graph graph, Map<String, Encoding> encodings, List<String> steps) {

    public Quantized {
        requireNonNull(graph, "graph is null");
        encodings = Collections.unmodifiableMap(new LinkedHashMap<>(encodings));
        steps = List.copyOf(steps);
    }
}
