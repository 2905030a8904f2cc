package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;

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
        int channels = channels(teacher);
        double[] sum = new double[channels];
        double[] squares = new double[channels];
        int inner = inner(teacher);
        float[] data = teacher.data();
        for (int i = 0; i < data.length; i++) {
            int channel = i / inner % channels;
            sum[channel] += data[i];
            squares[channel] += (double) data[i] * data[i];
        }
        double count = (double) data.length / channels;
        double[] variance = new double[channels];
        double mean = 0;
        for (int c = 0; c < channels; c++) {
            variance[c] = Math.max(0, squares[c] / count - sum[c] / count * (sum[c] / count));
            mean += variance[c] / channels;
        }
        // All channels constant: any weight will do, since nothing can be learned.
        double floor = mean == 0 ? 1 : VARIANCE_FLOOR * mean;
        float[] inverse = new float[channels];
        for (int c = 0; c < channels; c++) {
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
        int channels = channels(teacher);
        int inner = inner(teacher);
        double sum = 0;
        for (int i = 0; i < teacher.data().length; i++) {
            double difference = (double) student.data()[i] - teacher.data()[i];
            sum += difference * difference * inverseVariance[i / inner % channels];
        }
        return sum / teacher.data().length;
    }

    private static int channels(FloatTensor tensor) {
        return (int) (tensor.shape().length == 3 ? tensor.shape()[2] : tensor.shape()[1]);
    }

    /** Elements between one channel and the next. */
    private static int inner(FloatTensor tensor) {
        return tensor.shape().length == 4 ? (int) (tensor.shape()[2] * tensor.shape()[3]) : 1;
    }
}
