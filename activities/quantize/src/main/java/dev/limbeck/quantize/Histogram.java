package dev.limbeck.quantize;

/** Counts of values in equal bins between two bounds. */
final class Histogram {

    static final int BINS = 512;

    /** The divergence of a distribution from its quantized copy shows only where a step of the grid spans several bins. */
    static final int BINS_FOR_ENTROPY = 2048;

    /** Weight of saturation against rounding in the SQNR search (AIMET's gamma). */
    private static final double SATURATION_WEIGHT = 3;

    private final double min;
    private final double width;
    private final double[] counts;
    private long zeros;
    private long total;

    Histogram(ValueRange bounds, int bins) {
        min = bounds.min();
        width = (bounds.max() - bounds.min()) / bins;
        counts = new double[bins];
    }

    /** With as many bins as a method of calibration needs. */
    static Histogram of(ValueRange bounds, Calibration calibration) {
        return new Histogram(bounds, calibration == Calibration.ENTROPY ? BINS_FOR_ENTROPY : BINS);
    }

    void add(float[] values) {
        for (float value : values) {
            add(value);
        }
    }

    void add(float value) {
        counts[bin(value)]++;
        zeros += value == 0 ? 1 : 0;
        total++;
    }

    private int bin(double value) {
        return width == 0 ? 0 : Math.clamp((int) ((value - min) / width), 0, counts.length - 1);
    }

    private double edge(int bin) {
        return min + bin * width;
    }

    private double[] centers() {
        double[] centers = new double[counts.length];
        for (int i = 0; i < centers.length; i++) {
            centers[i] = min + (i + 0.5) * width;
        }
        return centers;
    }

    private ValueRange bounds() {
        return new ValueRange(edge(0), edge(counts.length));
    }

    /** The range that a method of calibration chooses for a grid. */
    ValueRange range(Calibration calibration, double percentile, NumberFormat format) {
        if (format.isFloat()) {
            return bounds();
        }
        return switch (calibration) {
            case MINMAX -> bounds();
            case PERCENTILE -> percentile(percentile);
            case SQNR -> leastError(format);
            case MSE -> leastSquaredError(format);
            case ENTROPY -> leastDivergence(format);
        };
    }

    /**
     * The range without both tails.
     *
     * @param percent 100 minus the share of the values that each end loses, such as 99.99
     */
    ValueRange percentile(double percent) {
        double cut = total * (1 - percent / 100);
        int low = 0;
        for (double seen = counts[0]; seen <= cut && low < counts.length - 1; seen += counts[low]) {
            low++;
        }
        int high = counts.length - 1;
        for (double seen = counts[high]; seen <= cut && high > low; seen += counts[high]) {
            high--;
        }
        return new ValueRange(edge(low), edge(high + 1));
    }

    /** The range of the grid with the least squared error, where saturation counts three times; AIMET's "tf_enhanced". */
    ValueRange leastError(NumberFormat format) {
        return new RangeSearch(centers(), counts, bounds(), format, SATURATION_WEIGHT).overSteps();
    }

    /** The range of the grid with the least mean squared error. */
    ValueRange leastSquaredError(NumberFormat format) {
        return new RangeSearch(centers(), counts, bounds(), format, 1).overFractions();
    }

    /** The range of the grid on which the distribution diverges least from itself; see {@link EntropySearch}. */
    ValueRange leastDivergence(NumberFormat format) {
        if (width == 0) {
            return bounds();
        }
        double[] nonZero = counts.clone();
        if (min <= 0 && edge(counts.length) >= 0) {
            nonZero[bin(0)] -= zeros;
        }
        return new EntropySearch(nonZero, bounds(), format).best();
    }
}
