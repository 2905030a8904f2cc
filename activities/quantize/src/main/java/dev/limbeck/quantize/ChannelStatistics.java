package dev.limbeck.quantize;

import java.util.stream.DoubleStream;

/**
 * What is known of the values of each channel of a tensor without looking at data.
 *
 * @param mean [channels]
 * @param variance [channels]
 * @param low [channels], where values are all but never below
 * @param high [channels], where values are all but never above
 */
record ChannelStatistics(double[] mean, double[] variance, double[] low, double[] high) {

    static ChannelStatistics empty(int channels) {
        return new ChannelStatistics(
                new double[channels], new double[channels], new double[channels], new double[channels]);
    }

    int channels() {
        return mean.length;
    }

    void set(int channel, NormalDistribution.Moments moments, double newLow, double newHigh) {
        mean[channel] = moments.mean();
        variance[channel] = moments.variance();
        low[channel] = newLow;
        high[channel] = newHigh;
    }

    NormalDistribution normal(int channel) {
        return new NormalDistribution(mean[channel], Math.sqrt(variance[channel]));
    }

    /** Each channel repeated: what flattening makes of an image of so many positions. */
    ChannelStatistics repeated(int times) {
        if (times == 1) {
            return this;
        }
        ChannelStatistics all = empty(channels() * times);
        for (int i = 0; i < all.channels(); i++) {
            int c = i / times;
            all.set(i, new NormalDistribution.Moments(mean[c], variance[c]), low[c], high[c]);
        }
        return all;
    }

    boolean isFinite() {
        return DoubleStream.of(low).allMatch(Double::isFinite)
                && DoubleStream.of(high).allMatch(Double::isFinite);
    }

    /** Of the whole tensor. */
    ValueRange range() {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < channels(); c++) {
            min = Math.min(min, low[c]);
            max = Math.max(max, high[c]);
        }
        return new ValueRange(min, max);
    }
}
