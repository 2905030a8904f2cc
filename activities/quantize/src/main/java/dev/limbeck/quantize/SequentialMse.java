package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * Shrinks the grid of a layer's weight, channel by channel, to where the layer's output is closest to the float network's: each scale
 * becomes k / candidates of what covers all values, with the k of least squared error (AIMET's SeqMSE). Where scales belong to blocks
 * of inputs, those of a channel shrink together; where there is one scale, all channels decide.
 */
final class SequentialMse {

    private final int candidates;

    SequentialMse(int candidates) {
        this.candidates = candidates;
    }

    /**
     * @param widest the grid that covers all values
     * @param least the smallest scales allowed, as many as scales
     */
    Encoding choose(TensorValue weight, Encoding widest, float[] least, WeightMatrix matrix, LayerLoss loss) {
        IntUnaryOperator index = widest.scaleIndex(weight.shape());
        int scales = widest.scale().length;
        int[] unitOfScale = new int[scales];
        int[] unitOfChannel = new int[matrix.channels()];
        for (int i = 0; i < matrix.position().length; i++) {
            int scale = index.applyAsInt(i);
            int channel = matrix.position()[i] / matrix.inputs();
            int unit = widest.blockwise() ? channel : scale;
            unitOfScale[scale] = unit;
            unitOfChannel[channel] = unit;
        }
        double[] best = new double[Math.max(scales, matrix.channels())];
        Arrays.fill(best, Double.POSITIVE_INFINITY);
        float[][] chosen = new float[best.length][];
        for (int k = candidates; k >= 1; k--) {
            float[] scale = shrunk(widest, least, (double) k / candidates);
            Encoding candidate = widest.withScale(scale);
            double[] losses = losses(weight, candidate, matrix, loss, unitOfChannel, best.length);
            for (int unit = 0; unit < best.length; unit++) {
                if (losses[unit] < best[unit]) {
                    best[unit] = losses[unit];
                    chosen[unit] = scale;
                }
            }
        }
        float[] scale = new float[scales];
        for (int s = 0; s < scales; s++) {
            scale[s] = chosen[unitOfScale[s]][s];
        }
        return widest.withScale(scale);
    }

    private static float[] shrunk(Encoding widest, float[] least, double factor) {
        float[] scale = new float[widest.scale().length];
        for (int s = 0; s < scale.length; s++) {
            scale[s] = (float) Math.max(widest.scale()[s] * factor, Math.min(least[s], widest.scale()[s]));
        }
        return scale;
    }

    private static double[] losses(
            TensorValue weight,
            Encoding encoding,
            WeightMatrix matrix,
            LayerLoss loss,
            int[] unitOfChannel,
            int units) {
        float[] rounded = Neighbours.nearest(weight, encoding);
        double[] sums = new double[units];
        try (TensorScope scope = TensorScope.open()) {
            double[] losses = loss.perChannel(Tensor.of(new FloatTensor(matrix.toMatrix(rounded), matrix.shape())));
            for (int c = 0; c < losses.length; c++) {
                sums[unitOfChannel[c]] += losses[c];
            }
        }
        return sums;
    }
}
