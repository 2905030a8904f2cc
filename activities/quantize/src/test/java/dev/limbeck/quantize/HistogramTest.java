package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {

    private static Histogram of(float... values) {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (float value : values) {
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        Histogram histogram = new Histogram(new ValueRange(min, max));
        histogram.add(values);
        return histogram;
    }

    /** 100,000 normal values and one far outlier at each end. */
    private static float[] withOutliers() {
        Random random = new Random(1);
        float[] values = new float[100_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        values[0] = 50;
        values[1] = -50;
        return values;
    }

    @Test
    void percentileCutsBothTails() {
        float[] ramp = new float[10_000];
        for (int i = 0; i < ramp.length; i++) {
            ramp[i] = i;
        }
        ValueRange range = of(ramp).percentile(99);
        double bin = 9999.0 / Histogram.BINS;
        assertThat(range.min()).isCloseTo(100, within(bin));
        assertThat(range.max()).isCloseTo(9900, within(bin));
        assertThat(of(ramp).percentile(100)).isEqualTo(new ValueRange(0, 9999));
    }

    @Test
    void percentileDropsOutliers() {
        ValueRange range = of(withOutliers()).percentile(99.99);
        assertThat(range.max()).isBetween(3.0, 6.0);
        assertThat(range.min()).isBetween(-6.0, -3.0);
    }

    @Test
    void leastErrorTradesSaturationForResolution() {
        // at 4 bits two outliers in 100,000 are not worth a range of 100
        ValueRange range = of(withOutliers()).leastError(4);
        assertThat(range.max() - range.min()).isLessThan(30);
        // and where values fill the range nothing is cut
        float[] even = new float[1001];
        for (int i = 0; i < even.length; i++) {
            even[i] = -1 + i / 500f;
        }
        ValueRange whole = of(even).leastError(8);
        assertThat(whole.min()).isCloseTo(-1, within(0.02));
        assertThat(whole.max()).isCloseTo(1, within(0.02));
    }

    @Test
    void aConstantTensorHasARange() {
        assertThat(of(2, 2, 2).percentile(99.9).max()).isEqualTo(2);
        assertThat(of(2, 2, 2).leastError(8).max()).isCloseTo(2, within(0.01));
        assertThat(of(0, 0).leastError(8).max()).isPositive();
    }
}
