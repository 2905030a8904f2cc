package dev.limbeck.quantize;

import dev.limbeck.tensor.SoftRounding;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/** The loss of a layer together with the activation that follows it; each step looks at one chunk of rows, drawn at random. */
final class SampledLoss implements LayerLoss {

    /** Chunks that {@link #perChannel} looks at. */
    private static final int CHUNKS_TO_JUDGE = 16;

    private final WeightMatrix matrix;
    private final Tensor bias; // [channels]
    private final UnaryOperator<Tensor> activation;
    private final List<Tensor> inputs = new ArrayList<>(); // [groups, rows, inputs]
    private final List<Tensor> targets = new ArrayList<>(); // [rows, channels]
    private final Random random;

    /** @param activation of [rows, channels] */
    SampledLoss(WeightMatrix matrix, Tensor bias, UnaryOperator<Tensor> activation, long seed) {
        this.matrix = matrix;
        this.bias = bias;
        this.activation = activation;
        this.random = new Random(seed);
    }

    /** Adds a chunk; see {@link LayerRows.Consumer}. */
    void add(Tensor rows, Tensor outputs) {
        inputs.add(rows.keep());
        targets.add(activation.apply(outputs).detach().keep());
    }

    /** @return [rows, channels] */
    private Tensor output(Tensor weight, int chunk) {
        Tensor product = inputs.get(chunk).matmul(weight.permute(0, 2, 1)); // [groups, rows, outputs]
        return activation.apply(
                product.permute(1, 0, 2).reshape(targets.get(chunk).shape()).plus(bias));
    }

    /** @return [rows, channels] */
    private Tensor error(Tensor weight, int chunk) {
        return output(weight, chunk).minus(targets.get(chunk));
    }

    @Override
    public double[] perChannel(Tensor weight) {
        return perChannel(chunk -> error(weight.detach(), chunk));
    }

    @Override
    public double[] noise(Tensor weight, Tensor original) {
        return perChannel(chunk -> output(weight.detach(), chunk).minus(output(original.detach(), chunk)));
    }

    /** @param errorOfChunk [rows, channels] */
    private double[] perChannel(IntFunction<Tensor> errorOfChunk) {
        int count = Math.min(inputs.size(), CHUNKS_TO_JUDGE);
        double[] losses = new double[matrix.channels()];
        long rows = 0;
        for (int i = 0; i < count; i++) {
            try (TensorScope scope = TensorScope.open()) {
                Tensor error = errorOfChunk.apply(i);
                float[] squares = error.square().sum(0).toFloatTensor().data();
                Arrays.setAll(losses, c -> losses[c] + squares[c]);
                rows += error.shape()[0];
            }
        }
        long all = rows;
        return Arrays.stream(losses).map(sum -> sum / all).toArray();
    }

    @Override
    public void descend(SoftRounding rounding, double learningRate, double beta, double lambda) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor error = error(rounding.weight(), random.nextInt(inputs.size()));
            error.square().sum().times(1.0 / error.shape()[0]).backward();
            rounding.descend(learningRate, beta, lambda);
        }
    }

    @Override
    public void close() {
        inputs.forEach(Tensor::close);
        targets.forEach(Tensor::close);
    }
}
