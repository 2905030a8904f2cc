package dev.limbeck.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Predicts the accuracy of a finetuned network from the noise-to-signal ratios of its blocks (DONNA, section 3.3); plain data.
 *
 * <p>The logarithm of the error is linear in x_b = log(floor + NSR_b), with products of two blocks where the order is second:
 *
 * <pre>log(1 - accuracy) = intercept + sum_b weight_b (x_b - centre_b) + products + extras</pre>
 *
 * The weights are shrunk towards one common value, the plain sum of the x_b; see {@link PredictorFitting}.
 *
 * @param penalty of the ridge, relative to the number of networks; 0 would be least squares, infinity the plain sum
 * @param floor added to the ratio before the logarithm is taken
 * @param centres mean of x_b over the fitted networks
 * @param weights of x_b
 * @param products empty for {@link Order#LINEAR}
 * @param extraCentres mean of each extra figure
 * @param extraWeights of each extra figure
 */
public record AccuracyPredictor(
        Order order,
        double penalty,
        double floor,
        double intercept,
        List<Double> centres,
        List<Double> weights,
        List<Product> products,
        List<Double> extraCentres,
        List<Double> extraWeights) {

    /** Smallest error that a logarithm is taken of. */
    static final double SMALLEST_ERROR = 1e-4;

    /** Degree of the polynomial. */
    public enum Order {
        LINEAR,
        SECOND
    }

    /** One term weight * ((x_first - centre_first)(x_second - centre_second) - centre); a square where both are the same block. */
    public record Product(int first, int second, double centre, double weight) {}

    public AccuracyPredictor {
        centres = List.copyOf(centres);
        weights = List.copyOf(weights);
        products = List.copyOf(products);
        extraCentres = List.copyOf(extraCentres);
        extraWeights = List.copyOf(extraWeights);
    }

    /**
     * Fits order, penalty and floor by leave-one-out cross-validation, and the coefficients.
     *
     * @param networks at least 3, all of equally many blocks and extras
     */
    public static AccuracyPredictor fit(List<FinetunedNetwork> networks) {
        return PredictorFitting.fit(networks);
    }

    /** Predicted accuracy after finetuning, a fraction. */
    public double predict(List<Double> noiseToSignal, List<Double> extras) {
        return accuracy(predictLogError(noiseToSignal, extras));
    }

    /** Predicted logarithm of the error: as {@link #predict}, but not cut off at an accuracy of 0. */
    public double predictLogError(List<Double> noiseToSignal, List<Double> extras) {
        if (noiseToSignal.size() != weights.size() || extras.size() != extraWeights.size()) {
            throw new IllegalArgumentException("the predictor knows " + weights.size() + " blocks and "
                    + extraWeights.size() + " extras, but got " + noiseToSignal.size() + " and " + extras.size());
        }
        double[] centred = new double[weights.size()];
        double sum = intercept;
        for (int b = 0; b < centred.length; b++) {
            centred[b] = StrictMath.log(floor + noiseToSignal.get(b)) - centres.get(b);
            sum += weights.get(b) * centred[b];
        }
        for (Product product : products) {
            sum += product.weight() * (centred[product.first()] * centred[product.second()] - product.centre());
        }
        for (int k = 0; k < extraWeights.size(); k++) {
            sum += extraWeights.get(k) * (extras.get(k) - extraCentres.get(k));
        }
        return sum;
    }

    /** Whether the log error is a sum over the blocks, so that {@link ExactFront#additive} applies. */
    public boolean additive() {
        return products.isEmpty() && extraWeights.isEmpty();
    }

    /** What a choice with this ratio adds to the log error of an additive predictor (less is better), up to a constant. */
    public double contribution(int block, double noiseToSignal) {
        return weights.get(block) * (StrictMath.log(floor + noiseToSignal) - centres.get(block));
    }

    // StrictMath, as Math.exp and Math.log may differ in the last bit from one machine to another, and a search with
    // them.
    static double accuracy(double logError) {
        return 1 - Math.clamp(StrictMath.exp(logError), 0, 1);
    }

    static double logError(double accuracy) {
        return StrictMath.log(Math.max(SMALLEST_ERROR, 1 - accuracy));
    }

    static List<Double> list(double[] values) {
        return new ArrayList<>(Arrays.stream(values).boxed().toList());
    }
}
