package dev.limbeck.search;

import java.util.Arrays;

/** Rank correlation: how often two scores order a pair in the same way (Kendall 1945, tau-b, which allows for ties). */
public final class KendallTau {

    private KendallTau() {}

    /** Which pairs count. */
    @FunctionalInterface
    public interface Pairs {
        boolean includes(int first, int second);
    }

    /** @return between -1 and 1; NaN where either score is the same for all, or there are fewer than two */
    public static double of(double[] predicted, double[] actual) {
        return of(predicted, actual, (i, j) -> true);
    }

    /** Tau-b over some of the pairs, such as those of networks with about the same MACs. */
    public static double of(double[] predicted, double[] actual, Pairs pairs) {
        if (predicted.length != actual.length) {
            throw new IllegalArgumentException(predicted.length + " predicted and " + actual.length + " actual values");
        }
        long difference = 0;
        long untiedPredicted = 0;
        long untiedActual = 0;
        for (int i = 0; i < predicted.length; i++) {
            for (int j = i + 1; j < predicted.length; j++) {
                if (!pairs.includes(i, j)) {
                    continue;
                }
                int byPredicted = Double.compare(predicted[i], predicted[j]);
                int byActual = Double.compare(actual[i], actual[j]);
                difference += (long) byPredicted * byActual;
                untiedPredicted += byPredicted * byPredicted;
                untiedActual += byActual * byActual;
            }
        }
        return difference / Math.sqrt((double) untiedPredicted * untiedActual);
    }

    /** Bootstrap interval of tau-b over the networks. */
    public static Interval interval(double[] predicted, double[] actual, long seed) {
        return Interval.bootstrap(predicted.length, seed, items -> of(pick(predicted, items), pick(actual, items)));
    }

    /**
     * Tau that a perfect predictor reaches where the accuracies themselves are noisy: (2/pi) asin(s / sqrt(s^2 + e^2)), for normal
     * spread s of the true accuracies and noise e of one measurement.
     *
     * @param observedSpread standard deviation of the measured accuracies, which is sqrt(s^2 + e^2)
     * @param noise standard deviation e of one network's accuracy over seeds and test images
     */
    public static double noiseCeiling(double observedSpread, double noise) {
        if (!(observedSpread > 0)) {
            return Double.NaN;
        }
        double share = Math.max(0, 1 - (noise / observedSpread) * (noise / observedSpread));
        return 2 / Math.PI * Math.asin(Math.sqrt(share));
    }

    /** Standard deviation of an accuracy counted on so many images: the binomial sqrt(p(1-p)/n). */
    public static double binomialNoise(double accuracy, int images) {
        return Math.sqrt(accuracy * (1 - accuracy) / images);
    }

    static double[] pick(double[] values, int[] items) {
        return Arrays.stream(items).mapToDouble(i -> values[i]).toArray();
    }
}
