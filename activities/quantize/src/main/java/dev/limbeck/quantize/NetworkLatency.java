package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import java.util.List;

/** Measures how long networks take. */
@FunctionalInterface
public interface NetworkLatency {

    /**
     * @param networks all at once, so that they can be measured in turns
     * @return milliseconds for one item, in the same order
     */
    List<Double> millis(List<Graph> networks);
}
