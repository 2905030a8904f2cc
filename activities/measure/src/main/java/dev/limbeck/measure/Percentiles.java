package dev.limbeck.measure;

import java.util.Arrays;

/** Order statistics without interpolation. */
final class Percentiles {

    private Percentiles() {}

    /**
     * MLPerf LoadGen's percentile: {@code sorted[(int) (count * p)]} (loadgen/results.cc).
     *
     * @param sorted ascending, not empty
     * @param p 0 to 1; the last element where the product reaches the count
     */
    static float of(float[] sorted, double p) {
        return sorted[Math.min(sorted.length - 1, (int) (sorted.length * p))];
    }

    static float[] sorted(float[] samples) {
        float[] copy = samples.clone();
        Arrays.sort(copy);
        return copy;
    }
}
