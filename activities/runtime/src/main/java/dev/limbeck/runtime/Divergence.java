package dev.limbeck.runtime;

import dev.limbeck.graph.FloatTensor;

/** How far a network's answers are from those of another. */
public final class Divergence {

    private Divergence() {}

    /**
     * The mean Kullback-Leibler divergence of the softmax of both, in nats; 0 where both are the same.
     *
     * @param expected logits, [items, classes]
     * @param actual [items, classes]
     */
    public static double of(FloatTensor expected, FloatTensor actual) {
        int classes = expected.itemSize();
        double sum = 0;
        for (int i = 0; i < expected.batch(); i++) {
            double norm = logSum(expected.data(), i * classes, classes);
            double otherNorm = logSum(actual.data(), i * classes, classes);
            for (int j = i * classes; j < (i + 1) * classes; j++) {
                double logarithm = expected.data()[j] - norm;
                sum += Math.exp(logarithm) * (logarithm - (actual.data()[j] - otherNorm));
            }
        }
        return sum / expected.batch();
    }

    private static double logSum(float[] logits, int from, int classes) {
        double highest = Double.NEGATIVE_INFINITY;
        for (int j = from; j < from + classes; j++) {
            highest = Math.max(highest, logits[j]);
        }
        double sum = 0;
        for (int j = from; j < from + classes; j++) {
            sum += Math.exp(logits[j] - highest);
        }
        return highest + Math.log(sum);
    }
}
