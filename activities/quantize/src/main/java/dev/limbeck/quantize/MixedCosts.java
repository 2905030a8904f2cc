package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * What precisions cost.
 *
 * @param groups for each group and candidate
 * @param fixed what the network costs besides
 * @param reference that of the network with 8 bits wherever it has integers
 */
record MixedCosts(List<List<Long>> groups, long fixed, long reference) {

    private static final int WIDEST_KERNEL = 8;
    private static final double NANOS = 1e6;

    /** Bit-operations for one item. */
    static MixedCosts bitOperations(MixedNetwork network, List<Precision> candidates) {
        BitOperations operations = network.bitOperations();
        List<Node> rest = new ArrayList<>(operations.layers());
        List<List<Long>> groups = new ArrayList<>();
        for (LayerGroup group : network.groups()) {
            groups.add(candidates.stream()
                    .map(candidate ->
                            operations.of(group.layers(), network.grids().get(candidate)))
                    .toList());
            rest.removeAll(group.layers());
        }
        Map<String, Encoding> widest = network.grids().get(network.widest());
        return new MixedCosts(groups, operations.of(rest, widest), operations.ofEightBits(widest));
    }

    /**
     * Nanoseconds: by how much longer the network takes with one group in floats and all others in integers. Integers of fewer than 8
     * bits take as long as those of 8, as they are computed by the same kernels.
     */
    static MixedCosts latency(MixedNetwork network, List<Precision> candidates, NetworkLatency latency) {
        for (Precision candidate : candidates) {
            boolean kernels = candidate.weights().bits() <= WIDEST_KERNEL
                    && candidate.activations().bits() <= WIDEST_KERNEL;
            if (!kernels && !candidate.equals(Precision.FLOAT)) {
                throw new BadInputException("there are no integer kernels for " + candidate
                        + ", so that its latency cannot be chosen by; give integers of up to 8 bits and float,"
                        + " such as 8,float");
            }
        }
        if (!candidates.contains(Precision.FLOAT)) {
            throw new BadInputException("kernels of fewer bits take as long as those of 8, so that " + candidates
                    + " all have one latency; give float too, such as 8,float, or a budget of bit-operations");
        }
        int count = network.groups().size();
        List<Graph> networks = new ArrayList<>();
        List<Precision> integers = new ArrayList<>(Collections.nCopies(count, network.widest()));
        networks.add(network.together(integers));
        for (int g = 0; g < count; g++) {
            List<Precision> one = new ArrayList<>(integers);
            one.set(g, Precision.FLOAT);
            networks.add(network.together(one));
        }
        List<Double> millis = latency.millis(networks);
        List<List<Long>> groups = new ArrayList<>();
        for (int g = 0; g < count; g++) {
            long floats = Math.round((millis.get(g + 1) - millis.getFirst()) * NANOS);
            groups.add(candidates.stream()
                    .map(candidate -> candidate.isQuantized() ? 0L : floats)
                    .toList());
        }
        long whole = Math.round(millis.getFirst() * NANOS);
        return new MixedCosts(groups, whole, whole);
    }

    /** How many of the candidates a group has to choose from: where all cost the same, the widest alone. */
    int open(int group) {
        List<Long> costs = groups.get(group);
        return costs.stream().distinct().count() == 1 ? 1 : costs.size();
    }
}
