package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.TensorValue;
import java.util.Arrays;

/** Signed symmetric grids for weights, and biases on the grid of their accumulators. */
final class WeightQuantizer {

    /** Scale of a channel of zeros: any positive one will do. */
    private static final float SCALE_OF_ZEROS = 1e-3f;

    /** Biases stay below this share of what 32 bits hold, so that sums of products still fit. */
    private static final double BIAS_LIMIT = 0.5 * Integer.MAX_VALUE;

    private WeightQuantizer() {}

    /**
     * The grid of a weight: scale = max |w| / (2^(bits-1) - 1), larger where the bias would not fit in 32 bits otherwise.
     *
     * @param axis of the output channels
     * @param bias [out], or null
     * @param inputScale of the activation that the weight multiplies
     */
    static Encoding encode(TensorValue weight, int axis, float[] bias, float inputScale, boolean perChannel, int bits) {
        long[] shape = weight.shape();
        int channels = Math.toIntExact(shape[axis]);
        int inner = inner(shape, axis);
        float[] largest = new float[channels];
        float[] values = weight.floats();
        for (int i = 0; i < values.length; i++) {
            int channel = i / inner % channels;
            largest[channel] = Math.max(largest[channel], Math.abs(values[i]));
        }
        int highest = (1 << (bits - 1)) - 1;
        float[] scale = new float[channels];
        for (int c = 0; c < channels; c++) {
            double floor = bias == null ? 0 : Math.abs(bias[c]) / (inputScale * BIAS_LIMIT);
            scale[c] = (float) Math.max(largest[c] / (double) highest, floor);
        }
        if (!perChannel) {
            float one = 0;
            for (float s : scale) {
                one = Math.max(one, s);
            }
            return Encoding.symmetric(new float[] {positive(one)}, bits, Encoding.PER_TENSOR);
        }
        for (int c = 0; c < channels; c++) {
            scale[c] = positive(scale[c]);
        }
        return Encoding.symmetric(scale, bits, axis);
    }

    private static float positive(float scale) {
        return scale < Float.MIN_NORMAL ? SCALE_OF_ZEROS : scale;
    }

    /** The stored integers, as INT8 (symmetric encodings) or UINT8. */
    static TensorValue quantize(TensorValue value, Encoding encoding) {
        long[] shape = value.shape();
        int inner = encoding.perChannel() ? inner(shape, encoding.axis()) : 1;
        float[] values = value.floats();
        byte[] stored = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            int channel = encoding.perChannel() ? i / inner % encoding.scale().length : 0;
            stored[i] = (byte) encoding.quantize(values[i], channel);
        }
        return TensorValue.ofBytes(encoding.symmetric() ? ElementType.INT8 : ElementType.UINT8, stored, shape);
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

    private static int inner(long[] shape, int axis) {
        return Math.toIntExact(TensorValue.elements(Arrays.copyOfRange(shape, axis + 1, shape.length)));
    }
}
