package dev.limbeck.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Takes values to a grid and back: y = (clamp(round(x / scale) + zeroPoint, lowest, highest) - zeroPoint) * scale.
 *
 * <p>x has the gradient of the identity within the grid and none beyond; the scale's is round(x / scale) - x / scale within and the
 * end of the grid beyond (LSQ, Esser et al. 2020). Values are ONNX's to the bit, with gradients or without.
 *
 * <p>libtorch has a kernel for this ({@code _fake_quantize_learnable_per_tensor_affine}) that is not vectorized on a CPU: the
 * vectorized passes here take far less time, though they go over memory more often.
 *
 * @param axis along which scales lie; -1 for one of them
 * @param lowest the smallest integer that is stored
 * @param highest the largest
 */
record FakeQuantization(int axis, long lowest, long highest) {

    /** As below, of values that nothing clips before. */
    Tensor of(Tensor x, Tensor scale, Tensor zeroPoint, boolean gradients) {
        return of(x, Clipping.NONE, scale, zeroPoint, gradients);
    }

    /**
     * @param before what is done to x first
     * @param scale of one element, or as many as the axis has
     * @param zeroPoint as many, integers kept as floats
     * @param gradients whether some are wanted
     */
    Tensor of(Tensor x, Clipping before, Tensor scale, Tensor zeroPoint, boolean gradients) {
        if (!gradients || !x.requires_grad() && !scale.requires_grad()) {
            Tensor s = along(x, scale);
            Tensor z = along(x, zeroPoint);
            Tensor steps = clip(x, before).div(s).round_().add_(z);
            return steps.clamp_(bound(lowest), bound(highest)).sub_(z).mul_(s);
        }
        return Native.scoped("fake quantization", () -> learnable(x, before, scale, zeroPoint));
    }

    private Tensor learnable(Tensor x, Clipping before, Tensor scale, Tensor zeroPoint) {
        return scale.numel() == 1
                ? one(x, before, scale.reshape(new long[0]), zeroPoint.item_float())
                : byChannel(clip(x, before), along(x, scale), along(x, zeroPoint));
    }

    /** Activations: every pass over memory counts. */
    private Tensor one(Tensor x, Clipping before, Tensor scale, double zeroPoint) {
        double s = scale.item_float();
        Scalar low = new Scalar((float) ((lowest - zeroPoint) * s));
        Scalar high = new Scalar((float) ((highest - zeroPoint) * s));
        Tensor step = scale.detach();
        Tensor rounded = torch.hardtanh(
                x,
                new Scalar(Math.max(low.toDouble(), before.low())),
                new Scalar(Math.min(high.toDouble(), before.high())));
        Tensor gradient;
        try (NoGradGuard guard = new NoGradGuard()) {
            // the way back of clipping needs its input alone: its output may be changed in place
            rounded.detach().div_(step).round_().mul_(step);
            // one of the clippings is the other's work where the grid ends first
            boolean ends = before.low() <= low.toDouble() && before.high() >= high.toDouble();
            Tensor fixed = ends ? x.detach() : clip(x.detach(), before);
            gradient = torch.hardtanh_backward(fixed, fixed, low, high).neg_().add_(rounded.detach());
        }
        if (!scale.requires_grad()) {
            return rounded;
        }
        // nothing, whose gradient is that of the scale
        Tensor nothing = scale.div(step).sub(new Scalar(1));
        return gradient.mul(nothing).add_(rounded);
    }

    /** Weights, which are few: the gradients of division and multiplication together are those of the scale. */
    private Tensor byChannel(Tensor x, Tensor scale, Tensor zeroPoint) {
        Tensor steps = x.div(scale);
        // division does not need its output either
        steps.detach().round_();
        Tensor stored = torch.clamp(steps.add_(zeroPoint), bound(lowest), bound(highest));
        return stored.sub_(zeroPoint).mul(scale);
    }

    private static Tensor clip(Tensor x, Clipping before) {
        return before.equals(Clipping.NONE)
                ? x
                : torch.hardtanh(x, new Scalar(before.low()), new Scalar(before.high()));
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
