package dev.limbeck.quantize;

import java.util.Arrays;
import java.util.Objects;

/**
 * The grid of a quantized tensor: x is stored as q = clamp(round(x / scale) + zeroPoint), ties to even, as ONNX's QuantizeLinear.
 *
 * @param scale one for the tensor, or one for each channel
 * @param zeroPoint as many as scales; 0 where symmetric
 * @param bits of the stored integers
 * @param symmetric signed integers from -(2^(bits-1) - 1), without offset; else unsigned ones
 * @param axis of the channels; {@link #PER_TENSOR} where there is one scale
 */
public record Encoding(float[] scale, int[] zeroPoint, int bits, boolean symmetric, int axis) {

    public static final int PER_TENSOR = -1;

    public Encoding {
        if (scale.length == 0 || scale.length != zeroPoint.length) {
            throw new IllegalArgumentException(
                    scale.length + " scales do not fit " + zeroPoint.length + " zero points");
        }
        if (axis == PER_TENSOR && scale.length > 1) {
            throw new IllegalArgumentException(scale.length + " scales need a channel axis");
        }
        for (float s : scale) {
            if (!(s > 0) || Float.isInfinite(s)) {
                throw new IllegalArgumentException("scale " + s + " is not a positive number");
            }
        }
    }

    /**
     * Unsigned integers over a range (which is made to hold zero): scale = (max - min) / (2^bits - 1), zeroPoint = round(-min /
     * scale).
     */
    public static Encoding asymmetric(ValueRange range, int bits) {
        ValueRange usable = range.usable();
        int steps = (1 << bits) - 1;
        float scale = (float) ((usable.max() - usable.min()) / steps);
        int zeroPoint = (int) Math.clamp(Math.rint(-usable.min() / scale), 0.0, steps);
        return perTensor(scale, zeroPoint, bits);
    }

    /** Unsigned integers with one scale. */
    static Encoding perTensor(float scale, int zeroPoint, int bits) {
        return new Encoding(new float[] {scale}, new int[] {zeroPoint}, bits, false, PER_TENSOR);
    }

    /** Signed integers without offset: scale = largest magnitude / (2^(bits-1) - 1). */
    static Encoding symmetric(float[] scale, int bits, int axis) {
        return new Encoding(scale, new int[scale.length], bits, true, axis);
    }

    public boolean perChannel() {
        return axis != PER_TENSOR;
    }

    /** The smallest stored integer. */
    public int lowest() {
        return symmetric ? -highest() : 0;
    }

    /** The largest stored integer. */
    public int highest() {
        return symmetric ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;
    }

    /** The smallest real value of a channel's grid. */
    public double min(int channel) {
        return (double) (lowest() - zeroPoint[channel]) * scale[channel];
    }

    /** The largest real value of a channel's grid. */
    public double max(int channel) {
        return (double) (highest() - zeroPoint[channel]) * scale[channel];
    }

    public int quantize(float value, int channel) {
        double steps = Math.rint(value / scale[channel]) + zeroPoint[channel];
        return (int) Math.clamp(steps, (double) lowest(), (double) highest());
    }

    public float dequantize(int stored, int channel) {
        return (stored - zeroPoint[channel]) * scale[channel];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Encoding that
                && Arrays.equals(scale, that.scale)
                && Arrays.equals(zeroPoint, that.zeroPoint)
                && bits == that.bits
                && symmetric == that.symmetric
                && axis == that.axis;
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(scale), Arrays.hashCode(zeroPoint), bits, symmetric, axis);
    }

    @Override
    public String toString() {
        return (symmetric ? "int" : "uint") + bits + (perChannel() ? " per channel of axis " + axis : "") + " scale "
                + Arrays.toString(scale) + " zero point " + Arrays.toString(zeroPoint);
    }
}
