package dev.limbeck.quantize;

import dev.limbeck.tensor.SoftRounding;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import java.util.Arrays;

/**
 * The loss of a layer that no activation follows, from second moments of its inputs x and of targets t without the bias: the mean of
 * |W x - t|^2 is tr(W E[x x'] W') - 2 tr(W E[x t']) + E[|t|^2], so all rows count in every step, however many there are.
 */
final class QuadraticLoss implements LayerLoss {

    private final Tensor bias; // [channels]
    private final WeightMatrix matrix;
    private Tensor moment; // [groups, inputs, inputs], sums
    private Tensor cross; // [groups, outputs, inputs], sums
    private final double[] power; // of the targets of each channel, sums
    private long rows;

    QuadraticLoss(WeightMatrix matrix, Tensor bias) {
        this.matrix = matrix;
        this.bias = bias;
        this.power = new double[matrix.channels()];
    }

    /** Adds rows; see {@link LayerRows.Consumer}. */
    void add(Tensor inputs, Tensor outputs) {
        long count = outputs.shape()[0];
        Tensor unbiased = outputs.minus(bias);
        Tensor targets =
                unbiased.reshape(count, matrix.groups(), matrix.outputs()).permute(1, 2, 0);
        Tensor newMoment = inputs.permute(0, 2, 1).matmul(inputs);
        Tensor newCross = targets.matmul(inputs);
        moment = replace(moment, moment == null ? newMoment : moment.plus(newMoment));
        cross = replace(cross, cross == null ? newCross : cross.plus(newCross));
        float[] squares = unbiased.square().sum(0).toFloatTensor().data();
        Arrays.setAll(power, c -> power[c] + squares[c]);
        rows += count;
    }

    private static Tensor replace(Tensor old, Tensor sum) {
        sum.keep();
        if (old != null) {
            old.close();
        }
        return sum;
    }

    @Override
    public double[] perChannel(Tensor weight) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor detached = weight.detach();
            Tensor inner = detached.matmul(moment).minus(cross.times(2));
            float[] sums = inner.times(detached).sum(2).toFloatTensor().data();
            double[] losses = new double[sums.length];
            // rounding may leave a perfect channel a little below zero
            Arrays.setAll(losses, c -> Math.max(0, (sums[c] + power[c]) / rows));
            return losses;
        }
    }

    @Override
    public double[] noise(Tensor weight, Tensor original) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor change = weight.minus(original).detach();
            float[] sums =
                    change.matmul(moment).times(change).sum(2).toFloatTensor().data();
            double[] losses = new double[sums.length];
            Arrays.setAll(losses, c -> Math.max(0, sums[c] / (double) rows));
            return losses;
        }
    }

    @Override
    public void descend(SoftRounding rounding, double learningRate, double beta, double lambda) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor gradient =
                    rounding.weight().detach().matmul(moment).minus(cross).times(2.0 / rows);
            rounding.descend(gradient, learningRate, beta, lambda);
        }
    }

    @Override
    public void close() {
        if (moment != null) {
            moment.close();
            cross.close();
        }
    }
}
