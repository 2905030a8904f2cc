package dev.limbeck.quantize;

import dev.limbeck.tensor.SoftRounding;
import dev.limbeck.tensor.Tensor;
import java.util.Arrays;

/**
 * How far a layer's output with other weights is from the float network's: squared error, summed over channels, mean over images and
 * positions.
 */
interface LayerLoss extends AutoCloseable {

    /**
     * @param weight [groups, outputs, inputs]
     * @return for each output channel
     */
    double[] perChannel(Tensor weight);

    /**
     * The same, against what the float weight makes of the same inputs: what the weight does wrong by itself, without what comes in
     * wrong already.
     *
     * @param weight [groups, outputs, inputs]
     * @param original [groups, outputs, inputs]
     */
    double[] noise(Tensor weight, Tensor original);

    /** Summed over the channels. */
    default double of(Tensor weight) {
        return Arrays.stream(perChannel(weight)).sum();
    }

    /** One step of the rounding variables against this loss; see {@link SoftRounding#descend(double, double, double)}. */
    void descend(SoftRounding rounding, double learningRate, double beta, double lambda);

    @Override
    void close();
}
