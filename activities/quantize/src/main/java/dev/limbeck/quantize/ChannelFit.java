package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.TensorValue;
import java.util.Arrays;

/**
 * The factor and shift of each channel that take the quantized network's tensor to the float one's, by least squares.
 *
 * @param positions numbers of one channel that follow one another
 */
record ChannelFit(int positions, double[] factor, double[] shift) {

    /** Channels count as rescaled if undoing that removes so much noise. */
    private static final double WORTH_RESCALING = 6;

    /** Fewer numbers do not tell a channel's factor and shift. */
    private static final int FIT_SAMPLES = 16;

    static final ChannelFit NONE = new ChannelFit(1, new double[] {1}, new double[] {0});

    double apply(float value, int index) {
        int channel = index / positions % factor.length;
        return value * factor[channel] + shift[channel];
    }

    /** Channels come second or last; {@link #NONE} unless undoing them removes much noise. */
    static ChannelFit best(FloatTensor expected, FloatTensor actual) {
        ChannelFit best = NONE;
        double decibels = decibels(expected, actual, NONE) + WORTH_RESCALING;
        for (int axis : new int[] {1, expected.shape().length - 1}) {
            if (axis < 1
                    || axis >= expected.shape().length
                    || expected.shape()[axis] == 1
                    || expected.data().length < FIT_SAMPLES * expected.shape()[axis]) {
                continue;
            }
            ChannelFit fit = along(axis, expected, actual);
            if (decibels(expected, actual, fit) > decibels) {
                best = fit;
                decibels = decibels(expected, actual, fit);
            }
        }
        return best;
    }

    private static double decibels(FloatTensor expected, FloatTensor actual, ChannelFit fit) {
        DeviationSums sums = new DeviationSums();
        sums.add(expected, actual, fit);
        return sums.deviation().decibels();
    }

    private static ChannelFit along(int axis, FloatTensor expected, FloatTensor actual) {
        long[] shape = expected.shape();
        int channels = (int) shape[axis];
        int positions = (int) TensorValue.elements(Arrays.copyOfRange(shape, axis + 1, shape.length));
        double count = expected.data().length / (double) channels;
        double[] x = new double[channels];
        double[] y = new double[channels];
        double[] xx = new double[channels];
        double[] xy = new double[channels];
        for (int i = 0; i < expected.data().length; i++) {
            int c = i / positions % channels;
            double from = actual.data()[i];
            x[c] += from;
            y[c] += expected.data()[i];
            xx[c] += from * from;
            xy[c] += from * expected.data()[i];
        }
        double[] factor = new double[channels];
        double[] shift = new double[channels];
        for (int c = 0; c < channels; c++) {
            double variance = xx[c] - x[c] * x[c] / count;
            factor[c] = variance > 0 ? (xy[c] - x[c] * y[c] / count) / variance : 1;
            shift[c] = (y[c] - factor[c] * x[c]) / count;
        }
        return new ChannelFit(positions, factor, shift);
    }
}
