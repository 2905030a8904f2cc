package dev.limbeck.tensor;

import dev.limbeck.graph.FloatTensor;
import java.util.function.Supplier;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A weight each of whose elements lies between two neighbours of a grid, and learns which of them to become (AdaRound, Nagel et al.
 * 2020).
 *
 * <p>weight = lower + step * h(V) with the rectified sigmoid h(V) = clip(sigmoid(V) * (zeta - gamma) + gamma, 0, 1), zeta 1.1 and
 * gamma -0.1 (eq. 23). A step descends the sum of a loss of the weight, times a scale, and of lambda * sum(1 - |2 h(V) - 1|^beta) (eq. 24),
 * with Adam. The gradients of h and of that regularizer are written out, because they are the same each time and autograd would take
 * most of the time of a small layer.
 */
public final class SoftRounding implements AutoCloseable {

    private static final double STRETCH = 1.2;
    private static final double SHIFT = -0.1;
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;

    /** Added to every gradient, so that moments of elements at rest do not fade into denormal numbers, which are a hundred times slower. */
    private static final double TINY = 1e-14;

    /** Below this |2h - 1| counts as this much in the regularizer's gradient: high powers of less are denormal. */
    private static final double LEAST_DISTANCE = 0.05;

    private final Tensor lower;
    private final Tensor step;
    private final Tensor variable;
    private final Tensor mean;
    private final Tensor variance;
    private final Tensor sigmoid;
    private final Tensor stretched;
    private final Tensor direction;
    private final Tensor scratch;
    private final dev.limbeck.tensor.Tensor weight;
    private final double scale;
    private long steps;

    /**
     * @param lower the neighbour below each element; any shape
     * @param step the distance to the neighbour above, of the same shape
     * @param fraction where each element lies between them, 0 to 1; h(V) at first
     * @param lossScale by which gradients of the loss are multiplied, so that they are of the order of 1
     */
    public SoftRounding(FloatTensor lower, FloatTensor step, FloatTensor fraction, double lossScale) {
        scale = lossScale;
        this.lower = owned(() -> Native.floats(lower.data(), lower.shape()));
        this.step = owned(() -> Native.floats(step.data(), step.shape()));
        variable = owned(() -> inverse(Native.floats(fraction.data(), fraction.shape())));
        mean = owned(() -> torch.zeros_like(variable));
        variance = owned(() -> torch.zeros_like(variable));
        sigmoid = owned(() -> torch.empty_like(variable));
        stretched = owned(() -> torch.empty_like(variable));
        direction = owned(() -> torch.empty_like(variable));
        scratch = owned(() -> torch.empty_like(variable));
        weight = new dev.limbeck.tensor.Tensor(owned(() -> torch.empty_like(variable)));
        Native.run("soft rounding", () -> {
            try (NoGradGuard guard = new NoGradGuard()) {
                refresh();
            }
        });
        weight.requireGradient();
    }

    private static Tensor owned(Supplier<Tensor> body) {
        return Native.owned(body);
    }

    /** V with h(V) = fraction: -ln((zeta - gamma) / (fraction - gamma) - 1). */
    private static Tensor inverse(Tensor fraction) {
        Tensor odds = torch.reciprocal(fraction.sub(new Scalar(SHIFT)))
                .mul(new Scalar(STRETCH))
                .sub(new Scalar(1f));
        return torch.log(odds).neg();
    }

    /** The weight between the neighbours, a leaf of autograd; the same tensor all the time, rewritten by each step. */
    public dev.limbeck.tensor.Tensor weight() {
        return weight;
    }

    /**
     * Changes V by one step of Adam against the gradient that {@code backward} left in {@link #weight}, and clears that.
     *
     * @param beta the exponent of the regularizer
     * @param lambda its factor; 0 for none
     */
    public void descend(double learningRate, double beta, double lambda) {
        Native.run("soft rounding", () -> {
            try (NoGradGuard guard = new NoGradGuard()) {
                Tensor gradient = weight.raw().grad();
                if (gradient.defined()) {
                    descend(gradient, learningRate, beta, lambda);
                }
                weight.raw().mutable_grad().reset();
            }
        });
    }

    /** As {@link #descend(double, double, double)}, against a gradient by the weight that was computed otherwise. */
    public void descend(dev.limbeck.tensor.Tensor gradient, double learningRate, double beta, double lambda) {
        Native.run("soft rounding", () -> {
            try (NoGradGuard guard = new NoGradGuard()) {
                descend(gradient.raw(), learningRate, beta, lambda);
            }
        });
    }

    private void descend(Tensor gradient, double learningRate, double beta, double lambda) {
        steps++;
        torch.mul_out(direction, gradient, step).mul_(new Scalar(scale));
        if (lambda != 0) {
            // d/dh (1 - |2h - 1|^beta) = -2 beta |2h - 1|^(beta - 1) sign(2h - 1)
            scratch.copy_(stretched)
                    .clamp_(number(0), number(1))
                    .mul_(new Scalar(2f))
                    .sub_(new Scalar(1f));
            Tensor sign = torch.sign(scratch);
            scratch.abs_()
                    .clamp_(number(LEAST_DISTANCE), number(1))
                    .pow_(new Scalar(beta - 1))
                    .mul_(sign);
            direction.add_(scratch, new Scalar(-2 * beta * lambda));
        }
        torch.sigmoid_backward_out(scratch, direction, sigmoid);
        torch.hardtanh_backward_out(direction, scratch, stretched, new Scalar(0f), new Scalar(1f));
        direction.mul_(new Scalar(STRETCH)).add_(new Scalar(TINY));
        mean.lerp_(direction, new Scalar(1 - BETA1));
        variance.mul_(new Scalar(BETA2)).addcmul_(direction, direction, new Scalar(1 - BETA2));
        double correction1 = 1 - Math.pow(BETA1, steps);
        double correction2 = 1 - Math.pow(BETA2, steps);
        scratch.copy_(variance).sqrt_().add_(new Scalar(EPSILON * Math.sqrt(correction2)));
        variable.addcdiv_(mean, scratch, new Scalar(-learningRate * Math.sqrt(correction2) / correction1));
        refresh();
    }

    private void refresh() {
        sigmoid.copy_(variable).sigmoid_();
        stretched.copy_(sigmoid).mul_(new Scalar(STRETCH)).add_(new Scalar(SHIFT));
        scratch.copy_(stretched).clamp_(number(0), number(1));
        weight.raw().detach().copy_(lower).addcmul_(scratch, step);
    }

    private static ScalarOptional number(double value) {
        return new ScalarOptional(new Scalar(value));
    }

    /** Where each element lies between its neighbours now: h(V), 0 to 1. */
    public FloatTensor fraction() {
        return new dev.limbeck.tensor.Tensor(
                        Native.scoped("fraction", () -> torch.clamp(stretched, number(0), number(1))))
                .toFloatTensor();
    }

    @Override
    public void close() {
        for (Tensor tensor :
                new Tensor[] {lower, step, variable, mean, variance, sigmoid, stretched, direction, scratch}) {
            tensor.close();
        }
        weight.close();
    }
}
