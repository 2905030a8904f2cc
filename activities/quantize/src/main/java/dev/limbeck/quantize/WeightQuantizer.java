package dev.limbeck.quantize;

import dev.limbeck.graph.TensorValue;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/** Grids for weights, and biases on the grid of their accumulators. */
final class WeightQuantizer {

    /** Scale where all values are zero: any positive one will do. */
    private static final float SCALE_OF_ZEROS = 1e-3f;

    /** Biases stay below this share of what 32 bits hold, so that sums of products still fit. */
    private static final double BIAS_LIMIT = 0.5 * Integer.MAX_VALUE;

    private WeightQuantizer() {}

    /**
     * The grid of a weight over the range of its values, made to hold zero. Symmetric: scale = max |w| / (2^(bits-1) - 1);
     * asymmetric: (max - min) / (2^bits - 1). Larger where the bias would not fit in 32 bits otherwise.
     *
     * @param axis of the output channels, 0 or 1
     * @param bias [out], or null; not looked at for blocks, which have no common accumulator
     * @param inputScale of the activation that the weight multiplies
     */
    static Encoding encode(
            TensorValue weight,
            int axis,
            float[] bias,
            float inputScale,
            NumberFormat format,
            Granularity granularity) {
        if (format.isFloat()) {
            return Encoding.floats(format);
        }
        Encoding layout = layout(weight.shape(), axis, format, granularity);
        IntUnaryOperator index = layout.scaleIndex(weight.shape());
        double[] min = new double[layout.scale().length];
        double[] max = new double[min.length];
        float[] values = weight.floats();
        for (int i = 0; i < values.length; i++) {
            int s = index.applyAsInt(i);
            min[s] = Math.min(min[s], values[i]);
            max[s] = Math.max(max[s], values[i]);
        }
        NumberFormat used = format;
        if (format.symmetry() == Symmetry.UNSIGNED_SYMMETRIC
                && Arrays.stream(min).anyMatch(m -> m < 0)) {
            used = NumberFormat.integer(format.bits(), Symmetry.SYMMETRIC);
        }
        float[] scale = layout.scale();
        int[] zeroPoint = layout.zeroPoint();
        for (int s = 0; s < scale.length; s++) {
            double step = used.symmetry() == Symmetry.ASYMMETRIC
                    ? (max[s] - min[s]) / used.highest()
                    : Math.max(-min[s], max[s]) / used.highest();
            double floor = bias == null || layout.blockwise()
                    ? 0
                    : largestBias(bias, layout.perChannel() ? s : -1) / (inputScale * BIAS_LIMIT);
            scale[s] = (float) Math.max(step, floor);
            scale[s] = scale[s] < Float.MIN_NORMAL ? SCALE_OF_ZEROS : scale[s];
            if (used.symmetry() == Symmetry.ASYMMETRIC) {
                zeroPoint[s] = (int) Math.clamp(Math.rint(-min[s] / scale[s]), 0.0, used.highest());
            }
        }
        return new Encoding(used, scale, zeroPoint, layout.axis(), layout.blockSize());
    }

    /** One grid over all values of a constant, in the format of activations. */
    static Encoding encodeWhole(TensorValue constant, NumberFormat format) {
        return encode(constant, 0, null, 1, format, Granularity.PER_TENSOR);
    }

    /** As many scales as the granularity asks for. */
    private static Encoding layout(long[] shape, int axis, NumberFormat format, Granularity granularity) {
        return switch (granularity) {
            case Granularity.PerTensor one -> Encoding.perTensor(format, 1, 0);
            case Granularity.PerChannel each -> {
                int channels = Math.toIntExact(shape[axis]);
                yield new Encoding(format, ones(channels), new int[channels], axis, 0);
            }
            case Granularity.Blockwise blocks -> {
                int scales =
                        Math.toIntExact(shape[axis]) * Math.ceilDiv(Math.toIntExact(shape[1 - axis]), blocks.size());
                yield new Encoding(format, ones(scales), new int[scales], axis, blocks.size());
            }
        };
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static double largestBias(float[] bias, int channel) {
        if (channel >= 0) {
            return Math.abs(bias[channel]);
        }
        double largest = 0;
        for (float b : bias) {
            largest = Math.max(largest, Math.abs(b));
        }
        return largest;
    }

    /** The stored integers, in the order of the values. */
    static int[] quantize(TensorValue value, Encoding encoding) {
        IntUnaryOperator index = encoding.scaleIndex(value.shape());
        float[] values = value.floats();
        int[] stored = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            stored[i] = encoding.quantize(values[i], index.applyAsInt(i));
        }
        return stored;
    }

    /** Scales of the accumulators: the input's times the weight's, in the precision in which ONNX Runtime compares them. */
    static float[] biasScale(Encoding weight, float inputScale) {
        float[] scale = weight.scale().clone();
        for (int c = 0; c < scale.length; c++) {
            scale[c] *= inputScale;
        }
        return scale;
    }

    /** The bias in units of the accumulators' scales. */
    static TensorValue quantizeBias(float[] bias, float[] scale) {
        int[] stored = new int[bias.length];
        for (int c = 0; c < bias.length; c++) {
            stored[c] = (int) Math.rint(bias[c] / (double) scale[scale.length == 1 ? 0 : c]);
        }
        return TensorValue.ofInts(stored, bias.length);
    }
}
