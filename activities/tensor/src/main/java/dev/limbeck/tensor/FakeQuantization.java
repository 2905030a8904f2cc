package dev.limbeck.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Takes values to a grid and back: y = (clamp(round(x / scale) + zeroPoint, lowest, highest) - zeroPoint) * scale.
 *
 * <p>x has the gradient of the identity within the grid and none beyond; the scale's is round(x / scale) - x / scale within and the
 * end of the grid beyond (LSQ, Esser et al. 2020). Values are ONNX's to the bit, with gradients or without.
 *
 * <p>libtorch has a kernel for this ({@code _fake_quantize_learnable_per_tensor_affine}) that is not vectorized on a CPU: what is done
 * here in some vectorized passes takes a tenth of its time.
 *
 * @param axis along which scales lie; -1 for one of them
 * @param lowest the smallest integer that is stored
 * @param highest the largest
 */
record FakeQuantization(int axis, long lowest, long highest) {

    /**
     * @param scale of one element, or as many as the axis has
     * @param zeroPoint as many, integers kept as floats
     * @param gradients whether some are wanted
     */
    Tensor of(Tensor x, Tensor scale, Tensor zeroPoint, boolean gradients) {
        if (!gradients || !x.requires_grad() && !scale.requires_grad()) {
            Tensor s = along(x, scale);
            Tensor z = along(x, zeroPoint);
            Tensor steps = x.div(s).round_().add_(z);
            return steps.clamp_(bound(lowest), bound(highest)).sub_(z).mul_(s);
        }
        return Native.scoped("fake quantization", () -> learnable(x, scale, zeroPoint));
    }

    private Tensor learnable(Tensor x, Tensor scale, Tensor zeroPoint) {
        Tensor learned = along(x, scale);
        Tensor s = learned.detach();
        Clipped clipped = scale.numel() == 1 ? clipped(x, s, zeroPoint) : clippedByChannel(x, s, along(x, zeroPoint));
        Tensor rounded = clipped.values();
        Tensor gradient;
        try (NoGradGuard guard = new NoGradGuard()) {
            // the way back of clipping needs its input alone: its output may be changed in place
            rounded.detach().div_(s).round_().mul_(s);
            gradient = rounded.detach().sub(clipped.within());
        }
        if (!scale.requires_grad()) {
            return rounded;
        }
        // nothing, whose gradient is that of the scale
        Tensor nothing = learned.div(s).sub(new Scalar(1));
        return gradient.mul(nothing).add_(rounded);
    }

    /**
     * @param values clipped to the grid's ends, whose gradient is that of x within them
     * @param within x there, and 0 beyond
     */
    private record Clipped(Tensor values, Tensor within) {}

    private Clipped clipped(Tensor x, Tensor scale, Tensor zeroPoint) {
        double s = scale.item_float();
        double z = zeroPoint.item_float();
        Scalar low = new Scalar((float) ((lowest - z) * s));
        Scalar high = new Scalar((float) ((highest - z) * s));
        Tensor fixed = x.detach();
        return new Clipped(torch.hardtanh(x, low, high), torch.hardtanh_backward(fixed, fixed, low, high));
    }

    private Clipped clippedByChannel(Tensor x, Tensor scale, Tensor zeroPoint) {
        Tensor low = zeroPoint.neg().add_(new Scalar((double) lowest)).mul_(scale);
        Tensor high = zeroPoint.neg().add_(new Scalar((double) highest)).mul_(scale);
        Tensor fixed = x.detach();
        Tensor inside = fixed.ge(low).logical_and_(fixed.le(high));
        return new Clipped(torch.clamp(x, new TensorOptional(low), new TensorOptional(high)), fixed.mul(inside));
    }

    /** One number for each channel, or one, in a shape that broadcasts against a tensor. */
    Tensor along(Tensor x, Tensor values) {
        if (axis < 0 || values.numel() == 1) {
            return values.reshape(new long[0]);
        }
        return values.reshape(shape(x, axis, values.numel()));
    }

    /** The shape of numbers along one axis of a tensor. */
    static long[] shape(Tensor x, int axis, long count) {
        long[] shape = new long[(int) x.dim()];
        Arrays.fill(shape, 1);
        shape[axis] = count;
        return shape;
    }

    private static ScalarOptional bound(long value) {
        return new ScalarOptional(new Scalar((double) value));
    }
}
