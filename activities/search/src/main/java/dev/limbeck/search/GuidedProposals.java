package dev.limbeck.search;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Candidates of a generation where measuring is dear: half of them by NSGA-II, the other half from the exact front under the latencies
 * learned so far.
 *
 * <p>The learned half makes up for generations that there is no time for; NSGA-II's half finds what the sum over blocks cannot
 * express. Every candidate is measured all the same, so a wrong estimate costs a measurement and never a wrong result. A pure
 * function of its arguments, as {@link Nsga2#ask} is.
 */
public final class GuidedProposals {

    /** Generations that NSGA-II has to itself, so that there are measurements to learn from. */
    private static final int UNGUIDED_GENERATIONS = 2;

    /** Networks are proposed that are estimated to be this much slower than the limit, as estimates are not exact. */
    private static final double TOLERANCE = 1.05;

    private GuidedProposals() {}

    /**
     * @param noiseToSignal ratio of each block's choices
     * @param macs of each block's choices
     * @param measured the networks measured so far
     * @param limitMillis latency that a network must not exceed; infinity where there is none
     * @return at most as many as the population, none evaluated before; empty once the whole space is
     */
    public static List<List<Integer>> of(
            Nsga2State state,
            AccuracyPredictor predictor,
            List<List<Double>> noiseToSignal,
            List<List<Long>> macs,
            List<LatencyFit.Measured> measured,
            double limitMillis) {
        List<List<Integer>> asked = Nsga2.ask(state);
        if (state.generation() < UNGUIDED_GENERATIONS || measured.size() < LatencyFit.FEWEST_NETWORKS) {
            return asked;
        }
        LatencyTable latency = LatencyFit.of(measured, macs).table();
        Set<List<Integer>> known = new HashSet<>();
        state.evaluated().forEach(i -> known.add(i.genes()));
        List<List<Integer>> front = StartingPoints.of(predictor, noiseToSignal, latency, Integer.MAX_VALUE).stream()
                .filter(g -> !known.contains(g) && latency.estimate(new Architecture(g)) <= limitMillis * TOLERANCE)
                .toList();
        int guided = Math.min(front.size(), asked.size() / 2);
        Set<List<Integer>> mixed = new LinkedHashSet<>();
        for (int i = 0; i < guided; i++) {
            mixed.add(front.get((int) ((long) i * front.size() / guided)));
        }
        for (List<Integer> genes : asked) {
            if (mixed.size() < asked.size()) {
                mixed.add(genes);
            }
        }
        return new ArrayList<>(mixed);
    }
}
