package dev.limbeck.workflows;

import java.util.List;

/**
 * Networks whose latencies are compared with each other, so they are measured in turns.
 *
 * @param key that {@link FinetuneActivities} or {@link QuantizeActivities} expects the latencies under
 * @param networks digests of graphs
 */
public record ShapeTask(String key, List<String> networks) {

    public ShapeTask {
        networks = List.copyOf(networks);
    }
}
