package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GuidedProposalsTest {

    private static final int BLOCKS = 4;
    private static final int CHOICES = 17;
    private static final int POPULATION = 24;
    private static final AccuracyPredictor PREDICTOR = new AccuracyPredictor(
            AccuracyPredictor.Order.LINEAR,
            1,
            0.01,
            -2,
            Collections.nCopies(BLOCKS, -2.0),
            Collections.nCopies(BLOCKS, 0.2),
            List.of(),
            List.of(),
            List.of());

    private final List<List<Double>> ratios = new ArrayList<>();
    private final List<List<Long>> macs = new ArrayList<>();
    private final List<List<Double>> millis = new ArrayList<>();
    private final List<LatencyFit.Measured> measured = new ArrayList<>();

    GuidedProposalsTest() {
        Random random = new Random(1);
        for (int b = 0; b < BLOCKS; b++) {
            List<Double> r = new ArrayList<>();
            List<Long> m = new ArrayList<>();
            List<Double> t = new ArrayList<>();
            for (int i = 0; i < CHOICES; i++) {
                double size = Math.exp(0.7 * random.nextGaussian());
                m.add((long) (1e6 * size));
                t.add(0.1 * size * Math.exp(0.3 * random.nextGaussian()));
                r.add(0.05 / size * Math.exp(0.5 * random.nextGaussian()));
            }
            ratios.add(r);
            macs.add(m);
            millis.add(t);
        }
    }

    // Not a sum over the blocks: what the first two take together depends on both. Measured with 1 % noise.
    private double trueMillis(List<Integer> genes) {
        double sum = new LatencyTable(0.2, millis).estimate(new Architecture(genes));
        return sum + 0.02 * ((genes.get(0) + genes.get(1)) % 3);
    }

    private Nsga2State search(boolean guided, double limit) {
        measured.clear();
        Random noise = new Random(5);
        Nsga2State state = Nsga2.start(
                Collections.nCopies(BLOCKS, CHOICES),
                Nsga2Options.defaults().withPopulation(POPULATION),
                1,
                StartingPoints.of(PREDICTOR, ratios, LatencyTable.ofMacs(macs), POPULATION));
        for (int generation = 0; generation < 8; generation++) {
            List<List<Integer>> asked =
                    guided ? GuidedProposals.of(state, PREDICTOR, ratios, macs, measured, limit) : Nsga2.ask(state);
            assertThat(asked).hasSize(POPULATION).doesNotHaveDuplicates();
            List<Individual> evaluated = new ArrayList<>();
            for (List<Integer> genes : asked) {
                double latency = trueMillis(genes);
                measured.add(
                        new LatencyFit.Measured(new Architecture(genes), latency * (1 + 0.01 * noise.nextGaussian())));
                evaluated.add(new Individual(
                        genes,
                        List.of(1 - PREDICTOR.predict(new Architecture(genes).pick(ratios), List.of()), latency),
                        Math.max(0, latency / limit - 1)));
            }
            state = Nsga2.tell(state, evaluated);
        }
        return state;
    }

    private double share(Nsga2State state) {
        List<ExactFront.Solution> exact = ExactFront.enumerate(
                Collections.nCopies(BLOCKS, CHOICES),
                genes -> PREDICTOR.predict(new Architecture(boxed(genes)).pick(ratios), List.of()),
                genes -> trueMillis(boxed(genes)));
        double worstAccuracy = exact.getFirst().score();
        double worstLatency = exact.getLast().cost();
        return Hypervolume.of(
                        Nsga2.front(state),
                        i -> 1 - i.objectives().get(0),
                        i -> i.objectives().get(1),
                        worstAccuracy,
                        worstLatency)
                / Hypervolume.of(
                        exact, ExactFront.Solution::score, ExactFront.Solution::cost, worstAccuracy, worstLatency);
    }

    private static List<Integer> boxed(int[] genes) {
        return java.util.Arrays.stream(genes).boxed().toList();
    }

    @Test
    void reachesTheExactFrontWith192MeasurementsWhereNsga2AloneDoesNot() {
        double alone = share(search(false, Double.POSITIVE_INFINITY));
        double guided = share(search(true, Double.POSITIVE_INFINITY));

        assertThat(guided).isGreaterThan(0.99).isGreaterThan(alone);
    }

    @Test
    void spendsNoGuidedMeasurementFarAboveTheLimit() {
        double limit = 0.45;
        Nsga2State state = search(true, limit);

        assertThat(Nsga2.front(state))
                .hasSizeGreaterThan(3)
                .allMatch(i -> i.objectives().get(1) <= limit);
        List<Individual> last = state.evaluated().subList(7 * POPULATION, 8 * POPULATION);
        assertThat(last).filteredOn(i -> i.violation() < 0.15).hasSizeGreaterThan(POPULATION / 2);
    }

    @Test
    void givesTheSameProposalsAgainAndNoneKnown() {
        Nsga2State state = search(true, Double.POSITIVE_INFINITY);
        List<List<Integer>> once = GuidedProposals.of(state, PREDICTOR, ratios, macs, measured, 1);

        assertThat(GuidedProposals.of(state, PREDICTOR, ratios, macs, measured, 1))
                .isEqualTo(once);
        assertThat(new HashSet<>(
                        state.evaluated().stream().map(Individual::genes).toList()))
                .doesNotContainAnyElementsOf(once);
    }
}
