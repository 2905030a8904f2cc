package dev.limbeck.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Losses; each is a scalar whose gradient flows into its first argument. */
public final class Losses {

    private static final int MEAN = 1;
    private static final long IGNORE_INDEX = -100;

    private Losses() {}

    /**
     * Mean cross-entropy between softmax(logits) and the labels.
     *
     * @param logits [n, classes]
     * @param smoothing share of the target that is spread evenly over all classes (Szegedy et al. 2016); 0 for none
     */
    public static Tensor crossEntropy(Tensor logits, int[] labels, double smoothing) {
        return new Tensor(Native.scoped("crossEntropy", () -> {
            long[] targets = Arrays.stream(labels).asLongStream().toArray();
            org.bytedeco.pytorch.Tensor target = Native.longs(targets, targets.length);
            return torch.cross_entropy_loss(
                    logits.raw(),
                    Native.like(target, logits.raw()),
                    new TensorOptional(),
                    MEAN,
                    IGNORE_INDEX,
                    smoothing);
        }));
    }

    /**
     * T^2 * KL(softmax(teacher / T) || softmax(student / T)), mean over the batch (Hinton et al. 2015, section 2).
     *
     * @param logits [n, classes]
     * @param teacherLogits [n, classes]
     */
    public static Tensor distillation(Tensor logits, Tensor teacherLogits, double temperature) {
        return new Tensor(Native.scoped("distillation", () -> {
            Scalar inverse = new Scalar(1 / temperature);
            org.bytedeco.pytorch.Tensor student = torch.log_softmax(logits.raw().mul(inverse), 1);
            org.bytedeco.pytorch.Tensor teacher = torch.log_softmax(
                    Native.like(teacherLogits.raw().detach(), logits.raw()).mul(inverse), 1);
            org.bytedeco.pytorch.Tensor divergence =
                    torch.sum(torch.exp(teacher).mul(teacher.sub(student)));
            return divergence.mul(
                    new Scalar(temperature * temperature / logits.raw().size(0)));
        }));
    }

    /**
     * Mean over the channels of (mean squared error of the channel) * (its inverse variance): noise to signal, the loss of
     * blockwise distillation (Moons et al. 2021, eq. 1).
     *
     * @param student [n, c, h, w] or [n, c], or [n, tokens, c] for transformers
     * @param teacher of the same shape
     * @param inverseVariance [c], 1 / variance of each channel of the teacher over the training data
     */
    public static Tensor noiseToSignal(Tensor student, Tensor teacher, float[] inverseVariance) {
        float[] weights = new float[inverseVariance.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) Math.sqrt(inverseVariance[i]);
        }
        return new Tensor(Native.scoped("noiseToSignal", () -> {
            org.bytedeco.pytorch.Tensor s = student.raw();
            long[] shape = {weights.length, 1, 1};
            if (s.dim() != 4) {
                shape = new long[] {weights.length};
            }
            org.bytedeco.pytorch.Tensor weight = Native.like(Native.floats(weights, shape), s);
            org.bytedeco.pytorch.Tensor error =
                    s.sub(Native.like(teacher.raw().detach(), s)).mul(weight);
            return torch.mean(error.mul(error));
        }));
    }
}
