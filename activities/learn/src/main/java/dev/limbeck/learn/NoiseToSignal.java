package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import java.util.Arrays;

/**
 * The distance between a block's output and the teacher's: the mean over the channels of (mean squared error / variance of the
 * teacher's channel) (Moons et al. 2021, eq. 1). 0 is equal; 1 is what the channels' means alone would give.
 *
 * <p>Channels are the second dimension, of [N, tokens, channels] the third.
 */
public final class NoiseToSignal {

    /** A channel that hardly varies, as a dead one, counts as if it had this share of the mean variance. */
    private static final double VARIANCE_FLOOR = 1e-3;

    private NoiseToSignal() {}

    /** 1 / variance of each channel, with a floor. */
    public static float[] inverseVariance(FloatTensor teacher) {
        double[] variance = ChannelMoments.of(teacher).variance();
        double mean = Arrays.stream(variance).average().orElseThrow();
        // All channels constant: any weight will do, since nothing can be learned.
        double floor = mean == 0 ? 1 : VARIANCE_FLOOR * mean;
        float[] inverse = new float[variance.length];
        for (int c = 0; c < variance.length; c++) {
            inverse[c] = (float) (1 / Math.max(variance[c], floor));
        }
        return inverse;
    }

    /** @param inverseVariance [channels], of the teacher on the data that the student was trained on */
    public static double of(FloatTensor student, FloatTensor teacher, float[] inverseVariance) {
        if (student.data().length != teacher.data().length) {
            throw new IllegalArgumentException(
                    student.data().length + " elements and " + teacher.data().length + " cannot be compared");
        }
        int channels = ChannelMoments.channels(teacher);
        int inner = ChannelMoments.inner(teacher);
        double sum = 0;
        for (int i = 0; i < teacher.data().length; i++) {
            double difference = (double) student.data()[i] - teacher.data()[i];
            sum += difference * difference * inverseVariance[i / inner % channels];
        }
        return sum / teacher.data().length;
    }
}
