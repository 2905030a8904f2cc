package dev.limbeck.quantize;

import dev.limbeck.tensor.SoftRounding;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
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
    private Tensor error(Tensor weight, int chunk) {
        Tensor target = targets.get(chunk);
        Tensor product = inputs.get(chunk).matmul(weight.permute(0, 2, 1)); // [groups, rows, outputs]
        Tensor output = product.permute(1, 0, 2).reshape(target.shape()).plus(bias);
        return activation.apply(output).minus(target);
    }

    @Override
    public double[] perChannel(Tensor weight) {
        int count = Math.min(inputs.size(), CHUNKS_TO_JUDGE);
        double[] losses = new double[matrix.channels()];
        long rows = 0;
        for (int i = 0; i < count; i++) {
            try (TensorScope scope = TensorScope.open()) {
                Tensor error = error(weight.detach(), i);
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
