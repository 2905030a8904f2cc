package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HistogramTest {

    private static final NumberFormat EIGHT_BITS = NumberFormat.integer(8, Symmetry.ASYMMETRIC);
    private static final NumberFormat FOUR_BITS = NumberFormat.integer(4, Symmetry.ASYMMETRIC);

    private static Histogram of(float... values) {
        return withBins(Histogram.BINS, values);
    }

    private static Histogram withBins(int bins, float... values) {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (float value : values) {
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        Histogram histogram = new Histogram(new ValueRange(min, max), bins);
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
        ValueRange range = of(withOutliers()).leastError(FOUR_BITS);
        assertThat(range.max() - range.min()).isLessThan(30);
        // and where values fill the range nothing is cut
        float[] even = new float[1001];
        for (int i = 0; i < even.length; i++) {
            even[i] = -1 + i / 500f;
        }
        ValueRange whole = of(even).leastError(EIGHT_BITS);
        assertThat(whole.min()).isCloseTo(-1, within(0.02));
        assertThat(whole.max()).isCloseTo(1, within(0.02));
    }

    @Test
    void aConstantTensorHasARange() {
        assertThat(of(2, 2, 2).percentile(99.9).max()).isEqualTo(2);
        assertThat(of(2, 2, 2).leastError(EIGHT_BITS).max()).isCloseTo(2, within(0.01));
        assertThat(of(0, 0).leastError(EIGHT_BITS).max()).isPositive();
    }

    /** Values of a bell, of a half bell after a ReLU, with outliers, of two separate bells, and all negative ones. */
    static Stream<Named<float[]>> distributions() {
        Random random = new Random(3);
        List<Named<float[]>> all = new ArrayList<>();
        for (int kind = 0; kind < 5; kind++) {
            float[] values = new float[5000];
            for (int i = 0; i < values.length; i++) {
                float normal = (float) random.nextGaussian();
                values[i] = switch (kind) {
                    case 0 -> normal;
                    case 1 -> Math.max(0, normal);
                    case 2 -> i < 5 ? 20 * normal : normal;
                    case 3 -> normal / 4 + (i % 3 == 0 ? -2 : 5);
                    default -> -Math.abs(normal) - 0.1f;
                };
            }
            all.add(Named.of("kind " + kind, values));
        }
        return all.stream();
    }

    /** Of the values themselves, not of their bins. */
    private static double squaredError(float[] values, ValueRange range, NumberFormat format) {
        Encoding encoding = Encoding.of(range, format);
        double sum = 0;
        for (float value : values) {
            double error = encoding.simulate(value, 0) - value;
            sum += error * error;
        }
        return sum / values.length;
    }

    @ParameterizedTest
    @MethodSource("distributions")
    void leastSquaredErrorIsThatOfBruteForce(float[] values) {
        for (Symmetry symmetry : List.of(Symmetry.ASYMMETRIC, Symmetry.SYMMETRIC)) {
            for (int bits : List.of(2, 4, 8)) {
                NumberFormat format = NumberFormat.integer(bits, symmetry);
                Histogram histogram = of(values);
                ValueRange observed =
                        histogram.range(Calibration.MINMAX, 100, format).usable();
                double least = Double.POSITIVE_INFINITY;
                for (int a = 0; a <= 40; a++) {
                    for (int b = 0; b <= 40; b++) {
                        if (a + b > 0 && (symmetry == Symmetry.ASYMMETRIC || a == b)) {
                            ValueRange range = new ValueRange(observed.min() * a / 40, observed.max() * b / 40);
                            least = Math.min(least, squaredError(values, range, format));
                        }
                    }
                }
                double found = squaredError(values, histogram.leastSquaredError(format), format);
                assertThat(found).as(format + " " + symmetry).isLessThan(1.03 * least);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("distributions")
    void saturationCountsThriceInTheSqnrSearch(float[] values) {
        for (NumberFormat format : List.of(FOUR_BITS, NumberFormat.integer(4, Symmetry.SYMMETRIC))) {
            Histogram histogram = of(values);
            ValueRange careful = histogram.leastError(format);
            ValueRange least = histogram.leastSquaredError(format);
            assertThat(careful.max() - careful.min()).isGreaterThanOrEqualTo(0.97 * (least.max() - least.min()));
            assertThat(squaredError(values, careful, format))
                    .isGreaterThanOrEqualTo(0.97 * squaredError(values, least, format));
        }
    }

    /** The definition, written down once more without looking at speed. */
    private static double divergence(double[] p, int levels) {
        double[] q = new double[p.length];
        double sum = 0;
        for (double share : p) {
            sum += share;
        }
        for (int level = 0; level < levels; level++) {
            double held = 0;
            int holding = 0;
            for (int i = 0; i < p.length; i++) {
                if ((int) Math.rint((i + 0.5) / p.length * (levels - 1)) == level && p[i] > 0) {
                    held += p[i];
                    holding++;
                }
            }
            for (int i = 0; i < p.length; i++) {
                if ((int) Math.rint((i + 0.5) / p.length * (levels - 1)) == level && p[i] > 0) {
                    q[i] = held / holding;
                }
            }
        }
        double divergence = 0;
        for (int i = 0; i < p.length; i++) {
            divergence += p[i] == 0 ? 0 : p[i] / sum * Math.log(p[i] / q[i]);
        }
        return divergence;
    }

    @Test
    void divergenceFollowsItsDefinition() {
        double[] counts = new double[256];
        Random random = new Random(7);
        for (int i = 0; i < counts.length; i++) {
            counts[i] = random.nextInt(4) == 0 ? 0 : 1000 * Math.exp(-i / 60.0) * random.nextDouble();
        }
        ValueRange bounds = new ValueRange(0, 256);
        for (int bits : List.of(2, 4, 6)) {
            NumberFormat format = NumberFormat.integer(bits, Symmetry.ASYMMETRIC);
            EntropySearch search = new EntropySearch(counts, bounds, format);
            assertThat(search.divergence(bounds)).isCloseTo(divergence(counts, 1 << bits), within(1e-9));
            // nothing is a better cut than what the search finds
            double best = search.divergence(search.best());
            for (int bins = 128; bins <= 256; bins++) {
                assertThat(search.divergence(new ValueRange(0, bins))).isGreaterThanOrEqualTo(best);
            }
        }
    }

    @Test
    void entropyDropsOutliersAndKeepsEvenDistributions() {
        float[] outliers = withOutliers();
        ValueRange cut = withBins(Histogram.BINS_FOR_ENTROPY, outliers).leastDivergence(EIGHT_BITS);
        assertThat(cut.max()).isBetween(6.0, 8.0);
        assertThat(cut.min()).isCloseTo(-cut.max(), within(0.2));
        float[] even = new float[100_000];
        for (int i = 0; i < even.length; i++) {
            even[i] = i / 1000f;
        }
        assertThat(withBins(Histogram.BINS_FOR_ENTROPY, even)
                        .leastDivergence(EIGHT_BITS)
                        .max())
                .isGreaterThan(95);
    }

    @Test
    void zerosDoNotPullTheEntropySearch() {
        float[] half = withOutliers();
        float[] manyZeros = Arrays.copyOf(half, 4 * half.length);
        assertThat(withBins(Histogram.BINS_FOR_ENTROPY, manyZeros).leastDivergence(EIGHT_BITS))
                .isEqualTo(withBins(Histogram.BINS_FOR_ENTROPY, half).leastDivergence(EIGHT_BITS));
    }

    @Test
    void everyMethodHasARangeForConstantsAndFineGrids() {
        for (Calibration calibration : Calibration.values()) {
            assertThat(Histogram.of(new ValueRange(2, 2), calibration)
                            .range(calibration, 99, EIGHT_BITS)
                            .max())
                    .isCloseTo(2, within(0.01));
            float[] values = withOutliers();
            Histogram histogram = Histogram.of(new ValueRange(-50, 50), calibration);
            histogram.add(values);
            ValueRange range = histogram.range(calibration, 99.99, NumberFormat.integer(16, Symmetry.ASYMMETRIC));
            assertThat(range.max()).isBetween(3.0, 51.0);
        }
    }
}
