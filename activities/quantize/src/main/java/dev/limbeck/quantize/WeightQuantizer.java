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
     * The grid of a weight over the range that the options' calibration of weights chooses, made to hold zero. Symmetric: scale = max
     * |w| / (2^(bits-1) - 1); asymmetric: (max - min) / (2^bits - 1). Larger where the bias would not fit in 32 bits otherwise.
     *
     * @param axis of the output channels, 0 or 1
     * @param bias [out], or null; not looked at for blocks, which have no common accumulator
     * @param inputScale of the activation that the weight multiplies
     */
    static Encoding encode(TensorValue weight, int axis, float[] bias, float inputScale, QuantizeOptions options) {
        NumberFormat format = options.weights();
        if (format.isFloat()) {
            return Encoding.floats(format);
        }
        Encoding layout = layout(weight.shape(), axis, format, options.granularity());
        float[] values = weight.floats();
        IntUnaryOperator index = layout.scaleIndex(weight.shape());
        ValueRange[] ranges = ranges(values, index, layout.scale().length);
        if (options.weightCalibration() != Calibration.MINMAX) {
            calibrate(ranges, values, index, options);
        }
        return encode(layout, ranges, bias, inputScale);
    }

    private static ValueRange[] ranges(float[] values, IntUnaryOperator index, int scales) {
        double[] min = new double[scales];
        double[] max = new double[scales];
        for (int i = 0; i < values.length; i++) {
            int s = index.applyAsInt(i);
            min[s] = Math.min(min[s], values[i]);
            max[s] = Math.max(max[s], values[i]);
        }
        ValueRange[] ranges = new ValueRange[scales];
        Arrays.setAll(ranges, s -> new ValueRange(min[s], max[s]));
        return ranges;
    }

    private static void calibrate(
            ValueRange[] ranges, float[] values, IntUnaryOperator index, QuantizeOptions options) {
        Histogram[] histograms = new Histogram[ranges.length];
        Arrays.setAll(histograms, s -> Histogram.of(ranges[s], options.weightCalibration()));
        for (int i = 0; i < values.length; i++) {
            histograms[index.applyAsInt(i)].add(values[i]);
        }
        Arrays.setAll(
                ranges, s -> histograms[s].range(options.weightCalibration(), options.percentile(), options.weights()));
    }

    private static Encoding encode(Encoding layout, ValueRange[] ranges, float[] bias, float inputScale) {
        NumberFormat format = layout.format();
        if (format.symmetry() == Symmetry.UNSIGNED_SYMMETRIC
                && Arrays.stream(ranges).anyMatch(range -> range.min() < 0)) {
            format = NumberFormat.integer(format.bits(), Symmetry.SYMMETRIC);
        }
        boolean asymmetric = format.symmetry() == Symmetry.ASYMMETRIC;
        float[] scale = layout.scale();
        int[] zeroPoint = layout.zeroPoint();
        for (int s = 0; s < scale.length; s++) {
            double min = Math.min(0, ranges[s].min());
            double max = Math.max(0, ranges[s].max());
            double step = (asymmetric ? max - min : Math.max(-min, max)) / format.highest();
            scale[s] = (float) Math.max(step, leastScale(layout, s, bias, inputScale));
            scale[s] = scale[s] < Float.MIN_NORMAL ? SCALE_OF_ZEROS : scale[s];
            if (asymmetric) {
                zeroPoint[s] = (int) Math.clamp(Math.rint(-min / scale[s]), 0.0, format.highest());
            }
        }
        return new Encoding(format, scale, zeroPoint, layout.axis(), layout.blockSize(), layout.blocks());
    }

    /** One grid over all values of a constant, in the format of activations. */
    static Encoding encodeWhole(TensorValue constant, NumberFormat format) {
        if (format.isFloat()) {
            return Encoding.floats(format);
        }
        Encoding layout = Encoding.perTensor(format, 1, 0);
        return encode(layout, ranges(constant.floats(), element -> 0, 1), null, 1);
    }

    /** As many scales as the granularity asks for. */
    private static Encoding layout(long[] shape, int axis, NumberFormat format, Granularity granularity) {
        return switch (granularity) {
            case Granularity.PerTensor one -> Encoding.perTensor(format, 1, 0);
            case Granularity.PerChannel each -> {
                int channels = Math.toIntExact(shape[axis]);
                yield new Encoding(format, ones(channels), new int[channels], axis);
            }
            case Granularity.Blockwise blocks -> {
                int count = Math.ceilDiv(Math.toIntExact(shape[1 - axis]), blocks.size());
                int scales = Math.toIntExact(shape[axis]) * count;
                yield new Encoding(format, ones(scales), new int[scales], axis, blocks.size(), count);
            }
        };
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** The scale below which the bias would not fit in 32 bits. */
    private static double leastScale(Encoding layout, int index, float[] bias, float inputScale) {
        return bias == null || layout.blockwise()
                ? 0
                : largestBias(bias, layout.perChannel() ? index : -1) / (inputScale * BIAS_LIMIT);
    }

    /** The scales below which the bias would not fit in 32 bits, or be no number; see {@link #encode}. */
    static float[] leastScales(Encoding encoding, float[] bias, float inputScale) {
        float[] least = new float[encoding.scale().length];
        for (int s = 0; s < least.length; s++) {
            least[s] = (float) Math.max(Float.MIN_NORMAL, leastScale(encoding, s, bias, inputScale));
        }
        return least;
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
