package dev.limbeck.compress;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import java.util.List;

/** What a network costs: operations, or its latency on a device. */
@FunctionalInterface
public interface NetworkCost {

    /** Multiply-accumulate operations for one item. */
    NetworkCost MACS = networks ->
            networks.stream().map(network -> (double) Cost.of(network).macs()).toList();

    /**
     * @param networks all at once, so that latencies can be measured in turns
     * @return one number each, larger for what costs more
     */
    List<Double> of(List<Graph> networks);
}
