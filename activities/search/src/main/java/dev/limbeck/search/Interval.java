package dev.limbeck.search;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/** A 5 % to 95 % interval. */
public record Interval(double low, double high) {

    private static final int RESAMPLES = 1000;

    /**
     * Percentile bootstrap (Efron 1979): the statistic over resampled items, 1,000 times.
     *
     * @param count number of items
     * @param statistic of a list of item numbers, in which one may stand several times; NaN where it is not defined
     * @return NaN at both ends where the statistic is never defined
     */
    static Interval bootstrap(int count, long seed, ToDoubleFunction<int[]> statistic) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            values[i] = statistic.applyAsDouble(random.ints(count, 0, count).toArray());
        }
        double[] sorted =
                Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
        if (sorted.length == 0) {
            return new Interval(Double.NaN, Double.NaN);
        }
        return new Interval(quantile(sorted, 0.05), quantile(sorted, 0.95));
    }

    private static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
