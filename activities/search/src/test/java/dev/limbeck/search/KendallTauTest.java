package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class KendallTauTest {

    @Test
    void valuesComputedByHand() {
        // Pairs of (1,2,3,4) and (1,3,2,4): five agree, one does not: (5 - 1) / 6.
        assertThat(KendallTau.of(new double[] {1, 2, 3, 4}, new double[] {1, 3, 2, 4}))
                .isCloseTo(4 / 6.0, within(1e-12));
        // One tie in the first: of six pairs five count there, six in the second: 5 / sqrt(5 * 6).
        assertThat(KendallTau.of(new double[] {1, 1, 2, 3}, new double[] {1, 2, 3, 4}))
                .isCloseTo(5 / Math.sqrt(30), within(1e-12));
        // Only the pairs (0,1) and (2,3) count; one agrees, one does not.
        assertThat(KendallTau.of(new double[] {1, 2, 3, 4}, new double[] {1, 2, 4, 3}, (i, j) -> j == i + 1 && i != 1))
                .isZero();
        assertThat(KendallTau.of(new double[] {1, 1}, new double[] {1, 2})).isNaN();
    }

    @Property(tries = 100)
    void isSymmetricAndChangesSignWithTheOrder(
            @ForAll @Size(8) List<@IntRange(min = 0, max = 5) Integer> a,
            @ForAll @Size(8) List<@IntRange(min = 0, max = 5) Integer> b) {
        double[] x = a.stream().mapToDouble(Integer::doubleValue).toArray();
        double[] y = b.stream().mapToDouble(Integer::doubleValue).toArray();
        double tau = KendallTau.of(x, y);
        double[] falling = Arrays.stream(y).map(v -> -v).toArray();
        double[] stretched = Arrays.stream(x).map(v -> v * v * v).toArray();

        if (!Double.isNaN(tau)) {
            assertThat(tau).isBetween(-1.0000001, 1.0000001);
            assertThat(KendallTau.of(y, x)).isEqualTo(tau);
            assertThat(KendallTau.of(x, falling)).isEqualTo(-tau);
            assertThat(KendallTau.of(stretched, y)).isEqualTo(tau);
        }
    }

    @Test
    void noiseCeilingHasTheValuesOfTheFormulaAndOfASimulation() {
        // True spread 1.5 and 2.0 points, noise 0.30: 0.87 and 0.91.
        assertThat(KendallTau.noiseCeiling(Math.hypot(1.5, 0.3), 0.3)).isCloseTo(0.874, within(0.001));
        assertThat(KendallTau.noiseCeiling(Math.hypot(2.0, 0.3), 0.3)).isCloseTo(0.905, within(0.001));
        assertThat(KendallTau.noiseCeiling(1, 2)).isZero();
        Random random = new Random(1);
        double[] truth =
                random.doubles(1500).map(i -> 1.5 * random.nextGaussian()).toArray();
        double[] seen =
                Arrays.stream(truth).map(v -> v + 0.3 * random.nextGaussian()).toArray();
        assertThat(KendallTau.of(truth, seen)).isCloseTo(0.874, within(0.015));
        assertThat(KendallTau.binomialNoise(0.9, 10_000)).isCloseTo(0.003, within(1e-9));
    }

    @Test
    void intervalHoldsTauAndIsRepeatable() {
        Random random = new Random(3);
        double[] x = random.doubles(30).toArray();
        double[] y = Arrays.stream(x).map(v -> v + 0.2 * random.nextGaussian()).toArray();
        double tau = KendallTau.of(x, y);
        Interval interval = KendallTau.interval(x, y, 1);

        assertThat(interval.low()).isLessThan(tau).isGreaterThan(tau - 0.4);
        assertThat(interval.high()).isGreaterThan(tau).isLessThanOrEqualTo(1);
        assertThat(KendallTau.interval(x, y, 1)).isEqualTo(interval);
    }
}
