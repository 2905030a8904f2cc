package dev.limbeck.search;

import java.util.ArrayList;
import java.util.List;

/**
 * Latency of a network as a sum over its blocks; an estimate, plain data.
 *
 * @param fixedMillis what stem and head take
 * @param millis for each block and choice
 */
public record LatencyTable(double fixedMillis, List<List<Double>> millis) {

    public LatencyTable {
        millis = millis.stream().map(List::copyOf).toList();
    }

    /**
     * From measurements of blocks by themselves.
     *
     * @param referenceMillis the whole reference
     * @param referenceBlocks the reference's own block at each place
     * @param choices each choice at each place
     */
    public static LatencyTable of(double referenceMillis, List<Double> referenceBlocks, List<List<Double>> choices) {
        double blocks =
                referenceBlocks.stream().mapToDouble(Double::doubleValue).sum();
        return new LatencyTable(Math.max(0, referenceMillis - blocks), choices);
    }

    /** In proportion to the MACs, at an arbitrary speed of a million a millisecond: for comparing where nothing is measured yet. */
    public static LatencyTable ofMacs(List<List<Long>> macs) {
        return new LatencyTable(
                0,
                macs.stream()
                        .map(block -> block.stream().map(m -> m / 1e6).toList())
                        .toList());
    }

    public double estimate(Architecture architecture) {
        return fixedMillis
                + architecture.pick(millis).stream()
                        .mapToDouble(Double::doubleValue)
                        .sum();
    }

    /** The network with each block's fastest choice. */
    public Architecture fastest() {
        List<Integer> genes = new ArrayList<>();
        for (List<Double> block : millis) {
            int best = 0;
            for (int i = 1; i < block.size(); i++) {
                best = block.get(i) < block.get(best) ? i : best;
            }
            genes.add(best);
        }
        return new Architecture(genes);
    }

    public double fastestMillis() {
        return estimate(fastest());
    }

    public double slowestMillis() {
        return fixedMillis
                + millis.stream()
                        .mapToDouble(b -> b.stream()
                                .mapToDouble(Double::doubleValue)
                                .max()
                                .orElseThrow())
                        .sum();
    }

    /** Whether any network of the space is estimated to be as fast as this. */
    public boolean canMeet(double limitMillis) {
        return fastestMillis() <= limitMillis;
    }
}
