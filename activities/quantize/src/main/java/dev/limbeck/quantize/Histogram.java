package dev.limbeck.quantize;

/** Counts of values in equal bins between two bounds. */
final class Histogram {

    static final int BINS = 512;

    /** Weight of saturation against rounding in the SQNR search (AIMET's gamma). */
    private static final double SATURATION_WEIGHT = 3;

    private final double min;
    private final double width;
    private final long[] counts = new long[BINS];
    private long total;

    Histogram(ValueRange bounds) {
        min = bounds.min();
        width = (bounds.max() - bounds.min()) / BINS;
    }

    void add(float[] values) {
        if (width == 0) {
            counts[0] += values.length;
        } else {
            for (float value : values) {
                int bin = (int) ((value - min) / width);
                counts[Math.clamp(bin, 0, BINS - 1)]++;
            }
        }
        total += values.length;
    }

    private double edge(int bin) {
        return min + bin * width;
    }

    private ValueRange bounds() {
        return new ValueRange(edge(0), edge(BINS));
    }

    /**
     * The range without both tails.
     *
     * @param percent 100 minus the share of the values that each end loses, such as 99.99
     */
    ValueRange percentile(double percent) {
        double cut = total * (1 - percent / 100);
        int low = 0;
        for (double seen = counts[0]; seen <= cut && low < BINS - 1; seen += counts[low]) {
            low++;
        }
        int high = BINS - 1;
        for (double seen = counts[high]; seen <= cut && high > low; seen += counts[high]) {
            high--;
        }
        return new ValueRange(edge(low), edge(high + 1));
    }

    /**
     * The range of an unsigned grid with the least cost, searched as AIMET does: steps of k/16 of the observed one (k = 1 to 17),
     * with 21 offsets each, clamped to what was observed, and the observed range itself.
     */
    ValueRange leastError(int bits) {
        ValueRange observed = bounds().usable();
        int steps = (1 << bits) - 1;
        double observedStep = (observed.max() - observed.min()) / steps;
        ValueRange best = observed;
        double bestCost = cost(Encoding.asymmetric(observed, bits));
        for (int k = 1; k <= 17; k++) {
            double step = observedStep * k / 16;
            for (int i = 0; i <= 20; i++) {
                double low = Math.max(observed.min(), step * (-steps + (int) (steps / 20.0 * i)));
                double high = Math.min(observed.max(), step * (int) (steps / 20.0 * i));
                if (high <= low) {
                    continue;
                }
                ValueRange candidate = new ValueRange(low, high);
                double cost = cost(Encoding.asymmetric(candidate, bits));
                if (cost < bestCost) {
                    best = candidate;
                    bestCost = cost;
                }
            }
        }
        return best;
    }

    /** Sum over the values of their squared rounding error, or 3 times their squared saturation error. */
    private double cost(Encoding encoding) {
        double low = encoding.min(0);
        double high = encoding.max(0);
        double cost = 0;
        for (int bin = 0; bin < BINS; bin++) {
            if (counts[bin] == 0) {
                continue;
            }
            double value = min + (bin + 0.5) * width;
            double saturated = Math.clamp(value, low, high);
            if (saturated == value) {
                double error = value - encoding.dequantize(encoding.quantize((float) value, 0), 0);
                cost += counts[bin] * error * error;
            } else {
                cost += counts[bin] * SATURATION_WEIGHT * (value - saturated) * (value - saturated);
            }
        }
        return cost;
    }
}
