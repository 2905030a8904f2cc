package dev.limbeck.quantize;

import dev.limbeck.graph.Node;
import java.util.List;

/**
 * What must share a precision: a node computes in one kernel, so all that it reads has the same, such as a convolution's input and
 * weight and the inputs of an addition; and so have all nodes that read the same.
 *
 * @param name of its first layer, or of its first tensor where it has none
 * @param layers nodes that multiply
 * @param activations tensors of the network after batch-norm folding
 * @param weights and other constants
 */
public record LayerGroup(String name, List<Node> layers, List<String> activations, List<String> weights) {

    public LayerGroup {
        layers = List.copyOf(layers);
        activations = List.copyOf(activations);
        weights = List.copyOf(weights);
    }
}
