package dev.limbeck.tensor;

import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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
        if (!x.requires_grad()) {
            return torch.round(x);
        }
        Tensor difference;
        try (NoGradGuard guard = new NoGradGuard()) {
            difference = torch.round(x).sub(x);
        }
        return x.add(difference);
    }
}
