package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.search.AccuracyPredictor.Order;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class AccuracyPredictorTest {

    private static final double[] TRUE_WEIGHTS = {0.1, 0.35, 0.2, 0.25};

    private static FinetunedNetwork network(List<Double> ratios, double accuracy, Random random) {
        long macs = 1_000_000L + random.nextInt(1_000_000);
        return new FinetunedNetwork(List.of(), ratios, List.of(), accuracy, macs, macs / 10);
    }

    /** Networks whose log error is linear in the log ratios, plus noise. */
    private static List<FinetunedNetwork> networks(int count, double noise, long seed) {
        Random random = new Random(seed);
        List<FinetunedNetwork> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Double> ratios = ratios(random);
            double logError = Math.log(0.2) + noise * random.nextGaussian();
            for (int b = 0; b < TRUE_WEIGHTS.length; b++) {
                logError += TRUE_WEIGHTS[b] * Math.log(0.01 + ratios.get(b));
            }
            list.add(network(ratios, 1 - Math.exp(logError), random));
        }
        return list;
    }

    private static List<Double> ratios(Random random) {
        return DoubleStream.generate(() -> Math.exp(-3 + random.nextGaussian()))
                .limit(TRUE_WEIGHTS.length)
                .boxed()
                .toList();
    }

    @Test
    void recoversTheWeightsOfCleanData() {
        AccuracyPredictor predictor = AccuracyPredictor.fit(networks(40, 0, 1));

        assertThat(predictor.order()).isEqualTo(Order.LINEAR);
        assertThat(predictor.floor()).isEqualTo(0.01);
        for (int b = 0; b < TRUE_WEIGHTS.length; b++) {
            assertThat(predictor.weights().get(b)).isCloseTo(TRUE_WEIGHTS[b], within(0.01));
        }
        for (FinetunedNetwork fresh : networks(10, 0, 2)) {
            assertThat(predictor.predict(fresh.noiseToSignal(), List.of())).isCloseTo(fresh.accuracy(), within(0.002));
        }
    }

    @Test
    void shrinksTowardsThePlainSumWhereDataAreFewAndNoisy() {
        AccuracyPredictor predictor = AccuracyPredictor.fit(networks(8, 0.3, 5));

        double mean = predictor.weights().stream().mapToDouble(w -> w).average().orElseThrow();
        assertThat(mean).isPositive();
        double farthest = predictor.weights().stream()
                .mapToDouble(w -> Math.abs(w - mean))
                .max()
                .orElseThrow();
        assertThat(farthest).isLessThan(0.5 * mean);
    }

    @Test
    void choosesSecondOrderOnlyForCurvedData() {
        Random random = new Random(3);
        List<FinetunedNetwork> curved = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            List<Double> ratios = ratios(random);
            double a = Math.log(0.01 + ratios.get(0)) + 3;
            double b = Math.log(0.01 + ratios.get(1)) + 3;
            curved.add(network(ratios, 1 - Math.exp(-2.5 + 0.1 * a + 0.1 * b + 0.2 * a * b), random));
        }
        AccuracyPredictor predictor = AccuracyPredictor.fit(curved);

        assertThat(predictor.order()).isEqualTo(Order.SECOND);
        assertThat(predictor.additive()).isFalse();
        for (FinetunedNetwork network : curved) {
            assertThat(predictor.predict(network.noiseToSignal(), List.of()))
                    .isCloseTo(network.accuracy(), within(0.02));
        }
    }

    @Test
    void oneBlockByHandIsTheLineThroughTheLogErrors() {
        // Errors 0.1, 0.2, 0.4 at log ratios that differ by log 4 each: the slope is log 2 / log 4 = 1/2, whatever the
        // penalty's share.
        double[] errors = {0.1, 0.2, 0.4};
        double[] ratios = {0.04, 0.19, 0.79};
        List<FinetunedNetwork> three = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            three.add(network(List.of(ratios[i]), 1 - errors[i], new Random(1)));
        }
        AccuracyPredictor predictor = AccuracyPredictor.fit(three);

        assertThat(predictor.floor()).isEqualTo(0.01);
        assertThat(predictor.weights().getFirst()).isCloseTo(0.5, within(1e-6));
        assertThat(predictor.predict(List.of(3.19), List.of())).isCloseTo(0.2, within(1e-6));
        assertThat(predictor.predict(List.of(1000.0), List.of())).isZero();
        assertThat(predictor.predictLogError(List.of(1000.0), List.of())).isPositive();
    }

    @Test
    void additivePredictorIsTheSumOfItsContributions() {
        AccuracyPredictor predictor = AccuracyPredictor.fit(networks(12, 0.1, 1));
        List<Double> ratios = List.of(0.0, 0.1, 0.01, 0.5);

        double sum = predictor.intercept();
        for (int b = 0; b < ratios.size(); b++) {
            sum += predictor.contribution(b, ratios.get(b));
        }

        assertThat(predictor.additive()).isTrue();
        assertThat(sum).isCloseTo(predictor.predictLogError(ratios, List.of()), within(1e-12));
    }

    @Test
    void usesAnExtraFigureThatTells() {
        Random random = new Random(9);
        List<FinetunedNetwork> list = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            double hidden = random.nextGaussian();
            list.add(new FinetunedNetwork(
                    List.of(), ratios(random), List.of(5 + hidden), 1 - Math.exp(-2 + 0.3 * hidden), 1000, 100));
        }
        AccuracyPredictor predictor = AccuracyPredictor.fit(list);

        assertThat(predictor.extraWeights().getFirst()).isCloseTo(0.3, within(0.02));
    }

    @Test
    void isPlainData() throws Exception {
        AccuracyPredictor predictor = AccuracyPredictor.fit(networks(12, 0.1, 1));
        PredictorReport report = PredictorReport.of(networks(12, 0.1, 1), 0.01, 1);
        ObjectMapper json = new ObjectMapper();

        assertThat(json.readValue(json.writeValueAsString(predictor), AccuracyPredictor.class))
                .isEqualTo(predictor);
        assertThat(json.readValue(json.writeValueAsString(report), PredictorReport.class))
                .isEqualTo(report);
    }

    @Test
    void reportTellsThePredictorFromTheBaselines() {
        List<FinetunedNetwork> networks = networks(24, 0.05, 4);
        PredictorReport report = PredictorReport.of(networks, 0.002, 1);

        assertThat(report.heldOut()).isEqualTo(24);
        assertThat(report.predictor().kendallTau()).isGreaterThan(0.75).isLessThanOrEqualTo(1);
        assertThat(report.predictor().kendallTauInterval().low())
                .isLessThan(report.predictor().kendallTau());
        assertThat(report.baselines())
                .extracting(PredictorReport.Score::name)
                .containsExactly("MACs", "parameters", "NSR sum");
        // The MACs were drawn at random here.
        assertThat(Math.abs(report.baselines().getFirst().kendallTau())).isLessThan(0.5);
        assertThat(report.predictor().rmse())
                .isLessThan(report.baselines().get(0).rmse());
        assertThat(report.predictor().rmse())
                .isLessThan(report.baselines().get(2).rmse());
        assertThat(report.noiseCeiling()).isBetween(0.5, 1.0);
        double[] actual =
                networks.stream().mapToDouble(FinetunedNetwork::accuracy).toArray();
        double mean = Arrays.stream(actual).average().orElseThrow();
        assertThat(report.spread())
                .isCloseTo(
                        Math.sqrt(Arrays.stream(actual)
                                        .map(a -> (a - mean) * (a - mean))
                                        .sum()
                                / 23),
                        within(1e-12));
    }

    @Test
    void heldOutNetworkHasNoPartInItsOwnPrediction() {
        List<FinetunedNetwork> networks = new ArrayList<>(networks(10, 0.1, 4));
        double before = PredictorReport.leaveOneOut(networks).get(3).predicted();
        FinetunedNetwork n = networks.get(3);
        networks.set(3, new FinetunedNetwork(n.genes(), n.noiseToSignal(), n.extras(), 0.01, n.macs(), n.parameters()));

        assertThat(PredictorReport.leaveOneOut(networks).get(3).predicted()).isEqualTo(before);
    }

    @Test
    void refusesTooFewNetworks() {
        assertThatThrownBy(() -> AccuracyPredictor.fit(networks(2, 0, 1)))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("predictor.networks");
    }

    @Test
    void constantRatiosAreNoError() {
        List<FinetunedNetwork> same = new ArrayList<>();
        for (double accuracy : new double[] {0.8, 0.82, 0.84, 0.83}) {
            same.add(network(List.of(0.1, 0.1), accuracy, new Random(1)));
        }

        assertThat(AccuracyPredictor.fit(same).predict(List.of(0.1, 0.1), List.of()))
                .isCloseTo(0.823, within(0.005));
    }
}
