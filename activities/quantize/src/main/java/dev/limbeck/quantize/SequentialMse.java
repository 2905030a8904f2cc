package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Shrinks the grid of a layer's weight, channel by channel, to where the layer's output is closest to the float network's: each scale
 * becomes k / candidates of what covers all values, with the k of least squared error (AIMET's SeqMSE). Where scales belong to blocks
 * of inputs, those of a channel shrink together; where there is one scale, all channels decide.
 *
 * <p>Layers see inputs of the network quantized so far. A layer whose inputs are noisy does best with small weights, so grids would shrink
 * until nothing is left of it: a grid must not do much worse by itself than the best one, on these inputs for the float weight as well.
 */
final class SequentialMse {

    /** How much more error than the least a grid may make by itself, to make good what comes in wrong. */
    private static final double TOLERANCE = 2;

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
        int units = Math.max(scales, matrix.channels());
        List<Trial> trials = new ArrayList<>();
        for (int k = candidates; k >= 1; k--) {
            float[] scale = shrunk(widest, least, (double) k / candidates);
            trials.add(trial(weight, widest.withScale(scale), matrix, loss, unitOfChannel, units));
        }
        float[][] chosen = new float[units][];
        for (int unit = 0; unit < units; unit++) {
            chosen[unit] = best(trials, unit).scale();
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

    /**
     * What a grid comes to.
     *
     * @param loss of each unit against the float network
     * @param noise of each unit that the grid makes by itself
     */
    private record Trial(float[] scale, double[] loss, double[] noise) {}

    /** The first trial, whose grid covers all values, where errors are no numbers. */
    private static Trial best(List<Trial> trials, int unit) {
        double least =
                trials.stream().mapToDouble(trial -> trial.noise()[unit]).min().orElseThrow();
        return trials.stream()
                .filter(trial -> trial.noise()[unit] <= TOLERANCE * least)
                .min(Comparator.comparingDouble(trial -> trial.loss()[unit]))
                .orElseGet(trials::getFirst);
    }

    private static Trial trial(
            TensorValue weight,
            Encoding encoding,
            WeightMatrix matrix,
            LayerLoss loss,
            int[] unitOfChannel,
            int units) {
        try (TensorScope scope = TensorScope.open()) {
            Tensor rounded = tensor(matrix, Neighbours.nearest(weight, encoding));
            double[] losses = sums(loss.perChannel(rounded), unitOfChannel, units);
            double[] noise = sums(loss.noise(rounded, tensor(matrix, weight.floats())), unitOfChannel, units);
            return new Trial(encoding.scale(), losses, noise);
        }
    }

    private static double[] sums(double[] ofChannels, int[] unitOfChannel, int units) {
        double[] sums = new double[units];
        for (int c = 0; c < ofChannels.length; c++) {
            sums[unitOfChannel[c]] += ofChannels[c];
        }
        return sums;
    }

    private static Tensor tensor(WeightMatrix matrix, float[] values) {
        return Tensor.of(new FloatTensor(matrix.toMatrix(values), matrix.shape()));
    }
}
