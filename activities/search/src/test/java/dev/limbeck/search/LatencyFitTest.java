package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.search.LatencyFit.Measured;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatencyFitTest {

    private static final int BLOCKS = 4;
    private static final int CHOICES = 12;
    private final List<List<Long>> macs = new ArrayList<>();
    private final List<List<Double>> millis = new ArrayList<>();
    private final Random random = new Random(3);

    LatencyFitTest() {
        for (int b = 0; b < BLOCKS; b++) {
            List<Long> m = new ArrayList<>();
            List<Double> t = new ArrayList<>();
            for (int i = 0; i < CHOICES; i++) {
                double size = Math.exp(0.7 * random.nextGaussian());
                m.add((long) (1e6 * size));
                t.add(0.1 * size * Math.exp(0.4 * random.nextGaussian()));
            }
            macs.add(m);
            millis.add(t);
        }
    }

    private List<Measured> measured(int count, double noise) {
        LatencyTable truth = new LatencyTable(0.2, millis);
        List<Measured> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Architecture architecture =
                    new Architecture(random.ints(BLOCKS, 0, CHOICES).boxed().toList());
            list.add(new Measured(architecture, truth.estimate(architecture) * (1 + noise * random.nextGaussian())));
        }
        return list;
    }

    @Test
    void learnsTheLatencyOfNetworksThatWereNotMeasured() {
        LatencyFit fit = LatencyFit.of(measured(150, 0.01), macs);

        assertThat(fit.networks()).isEqualTo(150);
        assertThat(fit.meanAbsolutePercentageError()).isLessThan(0.03);
        assertThat(fit.kendallTau()).isGreaterThan(0.9);
        double error = 0;
        List<Measured> fresh = measured(200, 0);
        for (Measured network : fresh) {
            error += Math.abs(fit.table().estimate(network.architecture()) / network.millis() - 1) / fresh.size();
        }
        assertThat(error).isLessThan(0.03);
        // What is held out tells about the others.
        assertThat(fit.meanAbsolutePercentageError()).isCloseTo(error, within(0.015));
    }

    @Test
    void fewNetworksGiveAtLeastWhatTheMacsTell() {
        LatencyFit fit = LatencyFit.of(measured(10, 0.01), macs);

        List<Measured> fresh = measured(200, 0);
        double[] estimated = fresh.stream()
                .mapToDouble(m -> fit.table().estimate(m.architecture()))
                .toArray();
        double[] actual = fresh.stream().mapToDouble(Measured::millis).toArray();
        double[] byMacs = fresh.stream()
                .mapToDouble(m -> LatencyTable.ofMacs(macs).estimate(m.architecture()))
                .toArray();
        assertThat(KendallTau.of(estimated, actual)).isGreaterThan(KendallTau.of(byMacs, actual) - 0.05);
    }

    @Test
    void refusesTooFewNetworks() {
        assertThatThrownBy(() -> LatencyFit.of(measured(3, 0), macs))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("there are 3");
    }
}
