package dev.limbeck.learn;

import dev.limbeck.graph.Graph;
import java.util.List;

/**
 * What a training gives.
 *
 * @param graph the network with its new weights; of the moving average, where one was kept
 * @param history one entry an epoch
 */
public record Trained(Graph graph, List<Epoch> history) {

    public Trained {
        history = List.copyOf(history);
    }
}
