package dev.limbeck.tensor;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Rounding that lets gradients through. */
final class Rounding {

    private Rounding() {}

    /**
     * Rounds half to even; the gradient is that of the identity (Bengio et al. 2013, "Estimating or propagating gradients
     * through stochastic neurons").
     *
     * <p>x + (round(x) - x) is exactly round(x) in floating point: the difference of two multiples of x's last place, at most
     * one half, is exact.
     */
    static Tensor straightThrough(Tensor x) {
        return straightThrough(x, torch::round);
    }

    /** Rounds to the floats of half precision, as {@link #straightThrough(Tensor)} to whole numbers. */
    static Tensor toHalf(Tensor x) {
        return straightThrough(x, value -> value.to(ScalarType.Half).to(ScalarType.Float));
    }

    private static Tensor straightThrough(Tensor x, UnaryOperator<Tensor> rounding) {
        if (!x.requires_grad()) {
            return rounding.apply(x);
        }
        Tensor difference;
        try (NoGradGuard guard = new NoGradGuard()) {
            difference = rounding.apply(x).sub(x);
        }
        return x.add(difference);
    }
}
