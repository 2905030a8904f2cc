package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.quantize.NormalDistribution.Moments;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class NormalDistributionTest {

    @Test
    void theCumulativeDistributionIsThatOfTables() {
        assertThat(NormalDistribution.cumulative(0)).isEqualTo(0.5);
        assertThat(NormalDistribution.cumulative(1.959963984540054)).isCloseTo(0.975, within(1e-12));
        assertThat(NormalDistribution.cumulative(-3)).isCloseTo(0.0013498980316301, within(1e-14));
        assertThat(NormalDistribution.cumulative(20)).isEqualTo(1);
    }

    /** Nagel et al. 2019: E[ReLU(x)] = gamma phi(-beta / gamma) + beta (1 - Phi(-beta / gamma)). */
    @Property(tries = 50)
    void theMeanBehindARelu(
            @ForAll @DoubleRange(min = -3, max = 3) double beta,
            @ForAll @DoubleRange(min = 0.05, max = 3) double gamma) {
        double expected = gamma * NormalDistribution.density(-beta / gamma)
                + beta * (1 - NormalDistribution.cumulative(-beta / gamma));
        assertThat(new NormalDistribution(beta, gamma)
                        .clipped(0, Double.POSITIVE_INFINITY)
                        .mean())
                .isCloseTo(expected, within(1e-12));
    }

    @Property(tries = 50)
    void closedFormsAgreeWithQuadrature(
            @ForAll @DoubleRange(min = -8, max = 8) double mean,
            @ForAll @DoubleRange(min = 0.1, max = 4) double deviation) {
        NormalDistribution normal = new NormalDistribution(mean, deviation);
        Moments closed = normal.clipped(0, 6);
        Moments numeric = normal.of(x -> Math.clamp(x, 0, 6));
        assertThat(closed.mean()).isCloseTo(numeric.mean(), within(0.01 * deviation));
        assertThat(closed.variance()).isCloseTo(numeric.variance(), within(0.02 * deviation * deviation));
    }

    @Test
    void aConstantHasNoVariance() {
        assertThat(new NormalDistribution(7, 0).clipped(0, 6)).isEqualTo(new Moments(6, 0));
        assertThat(new NormalDistribution(2, 0).of(x -> x * x).mean()).isCloseTo(4, within(1e-12));
    }
}
