package dev.limbeck.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How well accuracies are predicted for networks that were held out, one after another; plain data.
 *
 * @param heldOut number of networks, each predicted by a fit on all others, its order and penalty chosen anew
 * @param predictor the fitted predictor
 * @param baselines MACs, parameters and the plain sum of log noise-to-signal ratios, on the same networks
 * @param spread standard deviation of the networks' accuracies
 * @param noise standard deviation of one accuracy that the ceiling allows for
 * @param noiseCeiling Kendall tau that a perfect predictor would reach at that noise
 */
public record PredictorReport(
        int heldOut, Score predictor, List<Score> baselines, double spread, double noise, double noiseCeiling) {

    /** Networks count as alike in MACs up to this ratio. */
    private static final double LIKE_MACS = 1.35;

    public PredictorReport {
        baselines = List.copyOf(baselines);
    }

    /**
     * One way to predict; NaN where a figure is not defined.
     *
     * @param kendallTau tau-b, with its 5 % to 95 % bootstrap interval
     * @param rmse root mean square error of the accuracy as a fraction, with its interval
     * @param tauLikeMacs tau over pairs within a factor of 1.35 in MACs only
     * @param tauTopHalf tau among the better half of the networks only
     */
    public record Score(
            String name,
            double kendallTau,
            Interval kendallTauInterval,
            double rmse,
            Interval rmseInterval,
            double tauLikeMacs,
            double tauTopHalf) {}

    /** A held-out network: what was predicted from the others, and what finetuning gave. */
    public record Prediction(List<Integer> genes, double predicted, double actual) {}

    /**
     * Evaluates by leave-one-out cross-validation.
     *
     * @param networks at least 4
     * @param noise standard deviation of one network's accuracy, from finetuning with several seeds; or
     *     {@link KendallTau#binomialNoise}, which is its least value
     */
    public static PredictorReport of(List<FinetunedNetwork> networks, double noise, long seed) {
        double[] actual =
                networks.stream().mapToDouble(FinetunedNetwork::accuracy).toArray();
        double[] predicted = leaveOneOut(networks).stream()
                .mapToDouble(Prediction::predicted)
                .toArray();
        List<Score> baselines = List.of(
                baseline("MACs", networks, n -> StrictMath.log(n.macs()), seed),
                baseline("parameters", networks, n -> StrictMath.log(n.parameters()), seed),
                baseline("NSR sum", networks, n -> -logSum(n.noiseToSignal()), seed));
        double spread = deviation(actual);
        return new PredictorReport(
                networks.size(),
                score("predictor", networks, predicted, predicted, seed),
                baselines,
                spread,
                noise,
                KendallTau.noiseCeiling(spread, noise));
    }

    /** Each network predicted by a fit on all others. */
    public static List<Prediction> leaveOneOut(List<FinetunedNetwork> networks) {
        List<Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < networks.size(); i++) {
            List<FinetunedNetwork> others = new ArrayList<>(networks);
            FinetunedNetwork out = others.remove(i);
            predictions.add(new Prediction(
                    out.genes(),
                    AccuracyPredictor.fit(others).predict(out.noiseToSignal(), out.extras()),
                    out.accuracy()));
        }
        return predictions;
    }

    /** The plain sum of log noise-to-signal ratios; 0.001 is added to each, as the reference's own block has none. */
    public static double logSum(List<Double> noiseToSignal) {
        return noiseToSignal.stream()
                .mapToDouble(n -> StrictMath.log(0.001 + n))
                .sum();
    }

    // Ranked as it is, without any fit; for the error a line is fitted to the log error, leaving one out.
    private static Score baseline(
            String name, List<FinetunedNetwork> networks, ToDoubleFunction<FinetunedNetwork> feature, long seed) {
        double[] x = networks.stream().mapToDouble(feature).toArray();
        double[] y = networks.stream()
                .mapToDouble(n -> AccuracyPredictor.logError(n.accuracy()))
                .toArray();
        double[] predicted = new double[x.length];
        for (int out = 0; out < x.length; out++) {
            double n = x.length - 1;
            double sumX = Arrays.stream(x).sum() - x[out];
            double sumY = Arrays.stream(y).sum() - y[out];
            double covariance = 0;
            double variance = 0;
            for (int i = 0; i < x.length; i++) {
                if (i != out) {
                    covariance += (x[i] - sumX / n) * (y[i] - sumY / n);
                    variance += (x[i] - sumX / n) * (x[i] - sumX / n);
                }
            }
            double slope = variance > 0 ? covariance / variance : 0;
            predicted[out] = AccuracyPredictor.accuracy(sumY / n + slope * (x[out] - sumX / n));
        }
        return score(name, networks, x, predicted, seed);
    }

    private static Score score(
            String name, List<FinetunedNetwork> networks, double[] rank, double[] predicted, long seed) {
        double[] actual =
                networks.stream().mapToDouble(FinetunedNetwork::accuracy).toArray();
        double median = Arrays.stream(actual).sorted().toArray()[actual.length / 2];
        return new Score(
                name,
                KendallTau.of(rank, actual),
                KendallTau.interval(rank, actual, seed),
                rmse(predicted, actual),
                Interval.bootstrap(
                        actual.length,
                        seed,
                        items -> rmse(KendallTau.pick(predicted, items), KendallTau.pick(actual, items))),
                KendallTau.of(
                        rank,
                        actual,
                        (i, j) -> alike(networks.get(i).macs(), networks.get(j).macs())),
                KendallTau.of(rank, actual, (i, j) -> actual[i] >= median && actual[j] >= median));
    }

    private static boolean alike(double first, double second) {
        return Math.max(first, second) <= LIKE_MACS * Math.min(first, second);
    }

    private static double rmse(double[] predicted, double[] actual) {
        double sum = 0;
        for (int i = 0; i < actual.length; i++) {
            sum += (predicted[i] - actual[i]) * (predicted[i] - actual[i]);
        }
        return Math.sqrt(sum / actual.length);
    }

    private static double deviation(double[] values) {
        double mean = Arrays.stream(values).average().orElse(Double.NaN);
        double sum = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return Math.sqrt(sum / (values.length - 1));
    }
}
