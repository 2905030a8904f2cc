package dev.limbeck.search;

import java.util.ArrayList;
import java.util.List;

/**
 * First candidates of a search, so that its few measurements are spent near the front.
 *
 * <p>They lie evenly along the exact front of predicted quality against an estimated latency. Even where the estimate is as crude as
 * the MACs this finds in a few generations what random candidates need many for.
 */
public final class StartingPoints {

    private StartingPoints() {}

    /**
     * @param noiseToSignal ratio of each block's choices
     * @param estimate of each block's choices: measured by block, or {@link LatencyTable#ofMacs}
     * @param count at most so many; a search's population leaves no room for random ones, half of it does
     * @return genes, fastest first
     */
    public static List<List<Integer>> of(
            AccuracyPredictor predictor, List<List<Double>> noiseToSignal, LatencyTable estimate, int count) {
        List<List<ExactFront.Part>> parts = new ArrayList<>();
        for (int b = 0; b < noiseToSignal.size(); b++) {
            List<ExactFront.Part> choices = new ArrayList<>();
            for (int i = 0; i < noiseToSignal.get(b).size(); i++) {
                double ratio = noiseToSignal.get(b).get(i);
                // A predictor with products has no sum over the blocks; the plain sum of the ratios stands in for it.
                double error = predictor.additive()
                        ? predictor.contribution(b, ratio)
                        : PredictorReport.logSum(List.of(ratio));
                choices.add(new ExactFront.Part(-error, estimate.millis().get(b).get(i)));
            }
            parts.add(choices);
        }
        return ParetoFront.of(ExactFront.additive(parts), ExactFront.Solution::score, ExactFront.Solution::cost)
                .spread(count)
                .stream()
                .map(ExactFront.Solution::genes)
                .toList();
    }
}
