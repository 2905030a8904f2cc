package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.tensor.SoftRounding;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;

/**
 * Learns for every element of a layer's weight whether to round it up or down, so that the layer's output stays as it was (Nagel et
 * al. 2020, "Up or Down? Adaptive Rounding for Post-Training Quantization").
 *
 * <p>The loss is divided by that of nearest rounding for one element: so the regularizer's weight means the same for layers of any size
 * and any range of outputs.
 */
final class AdaRound {

    private final RoundingOptions options;

    AdaRound(RoundingOptions options) {
        this.options = options;
    }

    /** @return the weight on the grid; nearest rounding where nothing better was found */
    float[] round(TensorValue weight, Encoding encoding, WeightMatrix matrix, LayerLoss loss) {
        Neighbours neighbours = Neighbours.of(weight, encoding);
        float[] nearest = Neighbours.nearest(weight, encoding);
        double nearestLoss = loss(loss, matrix, nearest);
        if (!(nearestLoss > 0)) {
            return nearest;
        }
        float[] learned;
        try (SoftRounding rounding = new SoftRounding(
                tensor(matrix, neighbours.lower()),
                tensor(matrix, neighbours.step()),
                tensor(matrix, neighbours.fraction()),
                nearest.length / nearestLoss)) {
            for (int i = 0; i < options.iterations(); i++) {
                double lambda = options.isRegularized(i) ? options.regularization() : 0;
                loss.descend(rounding, options.learningRate(), options.beta(i), lambda);
            }
            float[] fraction = matrix.fromMatrix(rounding.fraction().data());
            learned = Neighbours.rounded(weight, encoding, fraction);
        }
        return loss(loss, matrix, learned) < nearestLoss ? learned : nearest;
    }

    private static FloatTensor tensor(WeightMatrix matrix, float[] values) {
        return new FloatTensor(matrix.toMatrix(values), matrix.shape());
    }

    private static double loss(LayerLoss loss, WeightMatrix matrix, float[] weight) {
        try (TensorScope scope = TensorScope.open()) {
            return loss.of(Tensor.of(tensor(matrix, weight)));
        }
    }
}
