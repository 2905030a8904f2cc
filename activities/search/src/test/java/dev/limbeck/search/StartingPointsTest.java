package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StartingPointsTest {

    private static final int BLOCKS = 4;
    private static final int CHOICES = 17;
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

    private void drawSpace(long seed) {
        ratios.clear();
        macs.clear();
        millis.clear();
        Random random = new Random(seed);
        for (int b = 0; b < BLOCKS; b++) {
            List<Double> r = new ArrayList<>();
            List<Long> m = new ArrayList<>();
            List<Double> t = new ArrayList<>();
            for (int i = 0; i < CHOICES; i++) {
                double size = Math.exp(0.7 * random.nextGaussian());
                m.add((long) (1e6 * size));
                // The latency follows the MACs only roughly.
                t.add(size * Math.exp(0.3 * random.nextGaussian()));
                r.add(0.05 / size * Math.exp(0.5 * random.nextGaussian()));
            }
            ratios.add(r);
            macs.add(m);
            millis.add(t);
        }
    }

    private double share(List<List<Integer>> initial) {
        LatencyTable latency = new LatencyTable(0.2, millis);
        Nsga2State state = Nsga2.start(
                Collections.nCopies(BLOCKS, CHOICES), Nsga2Options.defaults().withPopulation(24), 1, initial);
        for (int generation = 0; generation < 8; generation++) {
            state = Nsga2.tell(
                    state,
                    Nsga2.ask(state).stream()
                            .map(genes -> new Individual(
                                    genes,
                                    List.of(
                                            1 - PREDICTOR.predict(new Architecture(genes).pick(ratios), List.of()),
                                            latency.estimate(new Architecture(genes))),
                                    0))
                            .toList());
        }
        List<ExactFront.Solution> exact = ExactFront.of(PREDICTOR, ratios, latency);
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

    @Test
    void aShortSearchReachesTheFrontFromThemAndNotFromRandomOnes() {
        double random = 0;
        double fromMacs = 0;
        int spaces = 6;
        for (int seed = 0; seed < spaces; seed++) {
            drawSpace(seed);
            random += share(List.of()) / spaces;
            fromMacs += share(StartingPoints.of(PREDICTOR, ratios, LatencyTable.ofMacs(macs), 24)) / spaces;
        }

        assertThat(fromMacs).isGreaterThan(0.96).isGreaterThan(random + 0.02);
    }

    @Test
    void measuredBlocksGiveTheFrontItself() {
        drawSpace(1);
        List<List<Integer>> points = StartingPoints.of(PREDICTOR, ratios, new LatencyTable(0, millis), 1000);

        assertThat(points)
                .containsExactlyElementsOf(ExactFront.of(PREDICTOR, ratios, new LatencyTable(0.2, millis)).stream()
                        .map(ExactFront.Solution::genes)
                        .toList());
    }
}
