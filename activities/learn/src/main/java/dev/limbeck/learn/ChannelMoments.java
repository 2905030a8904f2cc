package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;

/**
 * Mean and variance of each channel over all items and positions. Channels are the second dimension, of [N, tokens, channels] the
 * third.
 */
record ChannelMoments(double[] mean, double[] variance) {

    static ChannelMoments of(FloatTensor tensor) {
        int channels = channels(tensor);
        int inner = inner(tensor);
        double[] sum = new double[channels];
        double[] squares = new double[channels];
        float[] data = tensor.data();
        int channel = 0;
        for (int from = 0; from < data.length; from += inner) {
            double total = 0;
            double totalSquares = 0;
            for (int i = from; i < from + inner; i++) {
                total += data[i];
                totalSquares += (double) data[i] * data[i];
            }
            sum[channel] += total;
            squares[channel] += totalSquares;
            channel = channel + 1 == channels ? 0 : channel + 1;
        }
        double count = (double) data.length / channels;
        for (int c = 0; c < channels; c++) {
            sum[c] /= count;
            squares[c] = Math.max(0, squares[c] / count - sum[c] * sum[c]);
        }
        return new ChannelMoments(sum, squares);
    }

    static int channels(FloatTensor tensor) {
        return (int) (tensor.shape().length == 3 ? tensor.shape()[2] : tensor.shape()[1]);
    }

    /** Neighbouring elements that belong to the same channel. */
    static int inner(FloatTensor tensor) {
        return tensor.shape().length == 4 ? (int) (tensor.shape()[2] * tensor.shape()[3]) : 1;
    }

    float[] means() {
        return floats(mean);
    }

    float[] deviations() {
        float[] out = floats(variance);
        for (int c = 0; c < out.length; c++) {
            out[c] = (float) Math.sqrt(variance[c]);
        }
        return out;
    }

    private static float[] floats(double[] values) {
        float[] out = new float[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) values[i];
        }
        return out;
    }
}
