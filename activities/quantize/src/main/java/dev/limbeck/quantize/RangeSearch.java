package dev.limbeck.quantize;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Searches the range whose grid has the least cost: the sum of squared rounding errors and of weighted squared saturation errors.
 *
 * <p>All formats but the asymmetric one have one bound, the largest magnitude.
 */
final class RangeSearch {

    /** Fractions of the observed bounds that the search for the least squared error tells apart. */
    private static final int FRACTIONS = 256;

    private static final int COARSE = 16;

    private final double[] values;
    private final double[] counts;
    private final ValueRange observed;
    private final NumberFormat format;
    private final double saturationWeight;
    private ValueRange best;
    private double bestCost;

    /**
     * @param values that stand for all, ascending or not
     * @param counts how many each stands for
     * @param observed the range of all
     * @param saturationWeight of an error beyond the grid against one on it
     */
    RangeSearch(double[] values, double[] counts, ValueRange observed, NumberFormat format, double saturationWeight) {
        int[] used =
                IntStream.range(0, counts.length).filter(i -> counts[i] > 0).toArray();
        this.values = Arrays.stream(used).mapToDouble(i -> values[i]).toArray();
        this.counts = Arrays.stream(used).mapToDouble(i -> counts[i]).toArray();
        this.observed = observed.usable();
        this.format = format;
        this.saturationWeight = saturationWeight;
        best = this.observed;
        bestCost = cost(this.observed);
    }

    /**
     * As AIMET searches. Asymmetric: steps of k/16 of the observed one (k = 1 to 17), with 21 offsets each, clamped to what was
     * observed. Else: k/100 of the largest magnitude (k = 1 to 101). And the observed range itself.
     */
    ValueRange overSteps() {
        if (format.symmetry() != Symmetry.ASYMMETRIC) {
            for (int k = 1; k <= 101; k++) {
                tryRange(observed.min() * k / 100, observed.max() * k / 100);
            }
            return best;
        }
        int steps = format.highest();
        double observedStep = (observed.max() - observed.min()) / steps;
        for (int k = 1; k <= 17; k++) {
            double step = observedStep * k / 16;
            for (int i = 0; i <= 20; i++) {
                double low = Math.max(observed.min(), step * (-steps + (int) (steps / 20.0 * i)));
                double high = Math.min(observed.max(), step * (int) (steps / 20.0 * i));
                tryRange(low, high);
            }
        }
        return best;
    }

    /** Over fractions of both bounds, of each alone, coarse ones first and then ever finer ones around the best. */
    ValueRange overFractions() {
        int low = FRACTIONS;
        int high = FRACTIONS;
        int reach = FRACTIONS;
        for (int stride = FRACTIONS / COARSE; stride >= 1; stride /= 4) {
            int fromLow = Math.max(0, low - reach);
            int fromHigh = Math.max(0, high - reach);
            int toLow = Math.min(FRACTIONS, low + reach);
            int toHigh = Math.min(FRACTIONS, high + reach);
            for (int a = fromLow; a <= toLow; a += stride) {
                for (int b = fromHigh; b <= toHigh; b += stride) {
                    if (isCandidate(a, b) && tryRange(fraction(observed.min(), a), fraction(observed.max(), b))) {
                        low = a;
                        high = b;
                    }
                }
            }
            reach = 2 * stride;
        }
        return best;
    }

    /** One bound needs no pairs: both go together where the format is symmetric, or where one is 0. */
    private boolean isCandidate(int low, int high) {
        if (observed.min() == 0) {
            return low == FRACTIONS;
        }
        if (observed.max() == 0) {
            return high == FRACTIONS;
        }
        return format.symmetry() == Symmetry.ASYMMETRIC || low == high;
    }

    private static double fraction(double bound, int parts) {
        return bound * parts / FRACTIONS;
    }

    /** @return whether this is the best so far */
    private boolean tryRange(double low, double high) {
        if (high <= low) {
            return false;
        }
        ValueRange candidate = new ValueRange(low, high);
        double cost = cost(candidate);
        if (cost >= bestCost) {
            return false;
        }
        best = candidate;
        bestCost = cost;
        return true;
    }

    /** Of the grid over a range, for all values. */
    double cost(ValueRange range) {
        Encoding encoding = Encoding.of(range, format);
        double low = encoding.min(0);
        double high = encoding.max(0);
        double cost = 0;
        for (int i = 0; i < values.length; i++) {
            double value = values[i];
            double saturated = Math.clamp(value, low, high);
            if (saturated == value) {
                double error = value - encoding.dequantize(encoding.quantize((float) value, 0), 0);
                cost += counts[i] * error * error;
            } else {
                cost += counts[i] * saturationWeight * (value - saturated) * (value - saturated);
            }
        }
        return cost;
    }
}
