package dev.limbeck.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * Takes values to a grid and back: y = (clamp(round(x / scale) + zeroPoint, lowest, highest) - zeroPoint) * scale.
 *
 * <p>With gradients one kernel of libtorch does it in one pass over memory, and one back. x has the gradient of the identity within the
 * grid and none beyond; the scale's is round(x / scale) - x / scale within and the end of the grid beyond (LSQ, Esser et al. 2020).
 * That kernel multiplies by 1 / scale, so a value in the middle of two points may fall to the other one; without gradients the value is
 * ONNX's to the bit.
 *
 * @param axis along which scales lie; -1 for one of them
 * @param lowest the smallest integer that is stored
 * @param highest the largest
 */
record FakeQuantization(int axis, long lowest, long highest) {

    private static final String KERNEL = "aten::_fake_quantize_learnable_per_";

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
        boolean channels = axis >= 0 && scale.numel() > 1;
        long[] all = {scale.numel()};
        IValueVector stack =
                new IValueVector(new IValue(x), new IValue(scale.reshape(all)), new IValue(zeroPoint.reshape(all)));
        if (channels) {
            stack.push_back(new IValue((long) axis));
        }
        stack.push_back(new IValue(lowest)).push_back(new IValue(highest)).push_back(new IValue(1.0));
        Dispatcher.singleton()
                .findSchemaOrThrow(KERNEL + (channels ? "channel_affine" : "tensor_affine"), "")
                .callBoxed(stack);
        // the stack owns what it holds
        return new Tensor(stack.get(0).toTensor());
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
