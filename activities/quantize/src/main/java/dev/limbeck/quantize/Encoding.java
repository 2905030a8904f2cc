package dev.limbeck.quantize;

import static java.util.Objects.requireNonNull;

import dev.limbeck.graph.TensorValue;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntUnaryOperator;

/**
 * The grid of a quantized tensor: x is stored as q = clamp(round(x / scale) + zeroPoint), ties to even, as ONNX's QuantizeLinear.
 *
 * @param format of the stored numbers; floats have the one scale 1
 * @param scale one for the tensor, one for each channel, or one for each block: then in the order of the weight's elements, with
 *     blocks in place of input channels and without kernel positions
 * @param zeroPoint as many as scales; 0 where symmetric
 * @param axis of the output channels; {@link #PER_TENSOR} where there is one scale
 * @param blockSize input channels that share a scale; 0 where all do. Input channels lie on the other one of the first two axes
 * @param blocks of each output channel; 0 where all input channels share a scale
 */
public record Encoding(NumberFormat format, float[] scale, int[] zeroPoint, int axis, int blockSize, int blocks) {

    public static final int PER_TENSOR = -1;

    public Encoding {
        requireNonNull(format, "format is null");
        if (scale.length == 0 || scale.length != zeroPoint.length) {
            throw new IllegalArgumentException(
                    scale.length + " scales do not fit " + zeroPoint.length + " zero points");
        }
        if (axis == PER_TENSOR && (scale.length > 1 || blockSize > 0)) {
            throw new IllegalArgumentException(scale.length + " scales need a channel axis");
        }
        boolean fit = blockSize == 0 ? blocks == 0 : axis <= 1 && blocks > 0 && scale.length % blocks == 0;
        if (blockSize < 0 || !fit) {
            throw new IllegalArgumentException(blocks + " blocks of " + blockSize + " with channels on axis " + axis);
        }
        for (float s : scale) {
            if (!(s > 0) || Float.isInfinite(s)) {
                throw new IllegalArgumentException("scale " + s + " is not a positive number");
            }
        }
    }

    /** One scale for the tensor, or one for each channel. */
    public Encoding(NumberFormat format, float[] scale, int[] zeroPoint, int axis) {
        this(format, scale, zeroPoint, axis, 0, 0);
    }

    /**
     * The grid over a range, which is made to hold zero and at least as wide as {@link ValueRange#usable()} says.
     *
     * <p>Asymmetric: scale = (max - min) / (2^bits - 1), zeroPoint = round(-min / scale). Symmetric, strictly or not: scale = max(|min|,
     * |max|) / (2^(bits-1) - 1). Unsigned symmetric: scale = max / (2^bits - 1) where nothing is negative.
     */
    public static Encoding of(ValueRange range, NumberFormat format) {
        if (format.isFloat()) {
            return floats(format);
        }
        ValueRange usable = range.usable();
        return switch (format.symmetry()) {
            case ASYMMETRIC -> {
                int steps = format.highest();
                float scale = (float) ((usable.max() - usable.min()) / steps);
                int zeroPoint = (int) Math.clamp(Math.rint(-usable.min() / scale), 0.0, steps);
                yield perTensor(format, scale, zeroPoint);
            }
            case UNSIGNED_SYMMETRIC ->
                usable.min() < 0
                        ? of(range, NumberFormat.integer(format.bits(), Symmetry.SYMMETRIC))
                        : perTensor(format, (float) (usable.max() / format.highest()), 0);
            case SYMMETRIC, STRICT_SYMMETRIC -> {
                double largest = Math.max(-usable.min(), usable.max());
                yield perTensor(format, (float) (largest / format.highest()), 0);
            }
        };
    }

    /** Unsigned integers of this many bits over a range. */
    public static Encoding asymmetric(ValueRange range, int bits) {
        return of(range, NumberFormat.integer(bits, Symmetry.ASYMMETRIC));
    }

    static Encoding perTensor(NumberFormat format, float scale, int zeroPoint) {
        return new Encoding(format, new float[] {scale}, new int[] {zeroPoint}, PER_TENSOR);
    }

    /** Floats, which need no scale. */
    static Encoding floats(NumberFormat format) {
        return perTensor(format, 1, 0);
    }

    /** The same grid with other scales, as many. */
    Encoding withScale(float[] newScale) {
        return new Encoding(format, newScale, zeroPoint, axis, blockSize, blocks);
    }

    /** The grid of some of the channels. @param channels positions of their scales */
    Encoding only(int[] channels) {
        float[] scales = new float[channels.length];
        int[] zeros = new int[channels.length];
        for (int i = 0; i < channels.length; i++) {
            scales[i] = scale[channels[i]];
            zeros[i] = zeroPoint[channels[i]];
        }
        return new Encoding(format, scales, zeros, axis);
    }

    public int bits() {
        return format.bits();
    }

    /** Whether 0 is stored as 0. */
    public boolean symmetric() {
        return format.symmetry() != Symmetry.ASYMMETRIC;
    }

    /** One scale for each channel. */
    public boolean perChannel() {
        return axis != PER_TENSOR && blockSize == 0;
    }

    /** One scale for each block of input channels of each output channel. */
    public boolean blockwise() {
        return blockSize > 0;
    }

    /** The smallest stored integer. */
    public int lowest() {
        return format.lowest();
    }

    /** The largest stored integer. */
    public int highest() {
        return format.highest();
    }

    /** The smallest real value on the grid of a scale. */
    public double min(int scaleIndex) {
        return (double) (lowest() - zeroPoint[scaleIndex]) * scale[scaleIndex];
    }

    /** The largest real value on the grid of a scale. */
    public double max(int scaleIndex) {
        return (double) (highest() - zeroPoint[scaleIndex]) * scale[scaleIndex];
    }

    /** @return the stored integer */
    public int quantize(float value, int scaleIndex) {
        double steps = Math.rint(value / scale[scaleIndex]) + zeroPoint[scaleIndex];
        return (int) Math.clamp(steps, (double) lowest(), (double) highest());
    }

    public float dequantize(int stored, int scaleIndex) {
        return (stored - zeroPoint[scaleIndex]) * scale[scaleIndex];
    }

    /** The value that stands for a value once it is stored. */
    public float simulate(float value, int scaleIndex) {
        if (!format.isFloat()) {
            return dequantize(quantize(value, scaleIndex), scaleIndex);
        }
        return format.isQuantized() ? Float.float16ToFloat(Float.floatToFloat16(value)) : value;
    }

    /**
     * From the position of an element of a tensor to that of its scale.
     *
     * @param shape of the tensor, such as [out, in/groups, kh, kw]
     * @throws IllegalArgumentException if the scales do not fit the shape
     */
    public IntUnaryOperator scaleIndex(long... shape) {
        if (axis == PER_TENSOR) {
            return element -> 0;
        }
        int channels = Math.toIntExact(shape[axis]);
        int inner = inner(shape, axis);
        if (!blockwise()) {
            requireScales(channels, shape);
            return element -> element / inner % channels;
        }
        int blockAxis = blockAxis();
        int inputs = Math.toIntExact(shape[blockAxis]);
        int blockInner = inner(shape, blockAxis);
        requireScales(channels * Math.ceilDiv(inputs, blockSize), shape);
        return element -> {
            int channel = element / inner % channels;
            int block = element / blockInner % inputs / blockSize;
            return axis == 0 ? channel * blocks + block : block * channels + channel;
        };
    }

    /** Positions of the scales with the blocks of the first output channel first, then those of the second one. */
    int[] channelMajor() {
        int[] order = new int[scale.length];
        int channels = blockwise() ? scale.length / blocks : scale.length;
        for (int i = 0; i < order.length; i++) {
            order[i] = blockwise() && axis == 1 ? i % blocks * channels + i / blocks : i;
        }
        return order;
    }

    /** The axis of the input channels. */
    int blockAxis() {
        return 1 - axis;
    }

    private void requireScales(int expected, long[] shape) {
        if (scale.length != expected) {
            throw new IllegalArgumentException(
                    scale.length + " scales do not fit a tensor of shape " + Arrays.toString(shape));
        }
    }

    private static int inner(long[] shape, int axis) {
        return Math.toIntExact(TensorValue.elements(Arrays.copyOfRange(shape, axis + 1, shape.length)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Encoding that
                && format.equals(that.format)
                && Arrays.equals(scale, that.scale)
                && Arrays.equals(zeroPoint, that.zeroPoint)
                && axis == that.axis
                && blockSize == that.blockSize
                && blocks == that.blocks;
    }

    @Override
    public int hashCode() {
        return Objects.hash(format, Arrays.hashCode(scale), Arrays.hashCode(zeroPoint), axis, blockSize, blocks);
    }

    @Override
    public String toString() {
        String where = "";
        if (axis != PER_TENSOR) {
            where = (blockwise() ? " per " + blockSize + " inputs and" : " per") + " channel of axis " + axis;
        }
        return format + where + " scale " + Arrays.toString(scale) + " zero point " + Arrays.toString(zeroPoint);
    }
}
