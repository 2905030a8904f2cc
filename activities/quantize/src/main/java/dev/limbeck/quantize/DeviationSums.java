package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;

/** Adds up, over batches, how far a tensor lies from the float one. */
final class DeviationSums {

    /** Beyond it lie masks, which stand for minus infinity. */
    private static final float MASK = 1e30f;

    private double signal;
    private double noise;
    private double largest;
    private boolean broken;

    void add(FloatTensor expected, FloatTensor actual, ChannelFit fit) {
        for (int i = 0; i < expected.data().length; i++) {
            double value = expected.data()[i];
            if (Math.abs(value) > MASK) {
                continue;
            }
            double error = Math.abs(value - fit.apply(actual.data()[i], i));
            broken |= !Double.isFinite(error);
            signal += value * value;
            noise += error * error;
            largest = Math.max(largest, error);
        }
    }

    Comparison.Deviation deviation() {
        if (broken) {
            return new Comparison.Deviation(-Comparison.Deviation.MOST_DECIBELS, Double.POSITIVE_INFINITY);
        }
        double decibels = noise == 0 ? Comparison.Deviation.MOST_DECIBELS : 10 * Math.log10(signal / noise);
        return new Comparison.Deviation(
                Math.clamp(decibels, -Comparison.Deviation.MOST_DECIBELS, Comparison.Deviation.MOST_DECIBELS), largest);
    }
}
