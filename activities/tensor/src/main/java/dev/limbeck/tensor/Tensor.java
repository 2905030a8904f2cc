package dev.limbeck.tensor;

import static java.util.Objects.requireNonNull;

import dev.limbeck.graph.FloatTensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A tensor in native memory, with autograd.
 *
 * <p>A tensor made while a {@link TensorScope} is open is freed with that scope; otherwise whoever made it closes it. Operators
 * return new tensors and record gradients where one of their operands has them; shapes broadcast as in NumPy. Misuse throws
 * {@link TensorException}.
 */
public final class Tensor implements AutoCloseable {

    private final org.bytedeco.pytorch.Tensor raw;

    Tensor(org.bytedeco.pytorch.Tensor raw) {
        this.raw = requireNonNull(raw, "raw is null");
    }

    org.bytedeco.pytorch.Tensor raw() {
        return raw;
    }

    /** Copies floats into a new tensor of the same shape. */
    public static Tensor of(FloatTensor source) {
        return make("tensor", () -> Native.floats(source.data(), source.shape()));
    }

    public static Tensor of(float[] data, long... shape) {
        return of(new FloatTensor(data, shape));
    }

    /** A tensor without dimensions. */
    public static Tensor scalar(float value) {
        return of(new float[] {value});
    }

    /** A tensor of 64-bit integers, such as indices. */
    public static Tensor ofLongs(long[] data, long... shape) {
        return make("tensor", () -> Native.longs(data, shape));
    }

    /**
     * Copies the named items of a dataset into one batch.
     *
     * @param source the dataset: [items, ...]
     * @param items positions in the dataset, in the order of the batch
     * @return [items.length, ...]
     */
    public static Tensor gather(FloatTensor source, int[] items) {
        int size = source.itemSize();
        long[] shape = source.shape().clone();
        shape[0] = items.length;
        return make(
                "gather",
                () -> Native.floats(
                        target -> {
                            for (int i = 0; i < items.length; i++) {
                                target.position((long) i * size).put(source.data(), items[i] * size, size);
                            }
                            target.position(0);
                        },
                        shape));
    }

    /** Marks this tensor as one whose gradient is wanted. @return this */
    public Tensor requireGradient() {
        raw.set_requires_grad(true);
        return this;
    }

    public FloatTensor toFloatTensor() {
        return Native.toFloatTensor(raw);
    }

    public long[] shape() {
        return Native.shape(raw);
    }

    /** The only element. */
    public float item() {
        if (raw.numel() != 1) {
            throw new IllegalStateException("a tensor of " + raw.numel() + " elements is no single number");
        }
        return raw.item_float();
    }

    /** Adds the gradients of this scalar to the tensors that require one, such as {@link GraphExecutor#parameters()}. */
    public void backward() {
        Native.run("backward", raw::backward);
    }

    /** The gradient of this tensor, if one was computed. */
    public Optional<FloatTensor> gradient() {
        try (org.bytedeco.pytorch.Tensor gradient = raw.grad()) {
            return gradient.defined() ? Optional.of(Native.toFloatTensor(gradient)) : Optional.empty();
        }
    }

    /** The same values without history: nothing flows back through the result. */
    public Tensor detach() {
        return make("detach", raw::detach);
    }

    /** Another handle on the same values, that may be kept or closed on its own. */
    public Tensor alias() {
        return make("alias", () -> new org.bytedeco.pytorch.Tensor(raw));
    }

    /** Lets this tensor outlive the scope that it was made in; whoever keeps it closes it. @return this */
    public Tensor keep() {
        raw.retainReference();
        return this;
    }

    public Tensor plus(Tensor other) {
        return make("plus", () -> raw.add(other.raw));
    }

    public Tensor plus(double number) {
        return make("plus", () -> raw.add(new Scalar(number)));
    }

    public Tensor minus(Tensor other) {
        return make("minus", () -> raw.sub(other.raw));
    }

    public Tensor times(Tensor other) {
        return make("times", () -> raw.mul(other.raw));
    }

    public Tensor times(double number) {
        return make("times", () -> raw.mul(new Scalar(number)));
    }

    public Tensor dividedBy(Tensor other) {
        return make("dividedBy", () -> raw.div(other.raw));
    }

    public Tensor abs() {
        return make("abs", () -> torch.abs(raw));
    }

    public Tensor square() {
        return make("square", () -> raw.mul(raw));
    }

    public Tensor sigmoid() {
        return make("sigmoid", () -> torch.sigmoid(raw));
    }

    /** Rounds half to even in the forward pass; the gradient passes unchanged (the straight-through estimator). */
    public Tensor roundStraightThrough() {
        return make("roundStraightThrough", () -> Rounding.straightThrough(raw));
    }

    /** Limits every element; the gradient passes inside the limits (ends included) and is 0 beyond them. */
    public Tensor clamp(double low, double high) {
        return make(
                "clamp",
                () -> torch.clamp(raw, new ScalarOptional(new Scalar(low)), new ScalarOptional(new Scalar(high))));
    }

    /** As {@link #clamp(double, double)}, with limits that broadcast and take gradients. */
    public Tensor clamp(Tensor low, Tensor high) {
        return make("clamp", () -> torch.clamp(raw, new TensorOptional(low.raw), new TensorOptional(high.raw)));
    }

    /** Matrix product of the last two dimensions; those before them broadcast. */
    public Tensor matmul(Tensor other) {
        return make("matmul", () -> torch.matmul(raw, other.raw));
    }

    /** Elements {@code from} to {@code from + length} along a dimension. */
    public Tensor narrow(int dimension, long from, long length) {
        return make("narrow", () -> torch.narrow(raw, dimension, from, length));
    }

    /** The same values with dimensions in another order. */
    public Tensor permute(long... dimensions) {
        return make("permute", () -> raw.permute(dimensions));
    }

    public Tensor reshape(long... shape) {
        return make("reshape", () -> raw.reshape(shape));
    }

    /** Mean of all elements. */
    public Tensor mean() {
        return make("mean", () -> torch.mean(raw));
    }

    /** Sum along some dimensions, which then are gone. */
    public Tensor sum(long... dimensions) {
        return make("sum", () -> torch.sum(raw, dimensions, false, new ScalarTypeOptional()));
    }

    /** Sum of all elements. */
    public Tensor sum() {
        return make("sum", () -> torch.sum(raw));
    }

    /** Overwrites the values of this tensor, outside autograd; shapes must be equal. */
    public void set(FloatTensor values) {
        Native.run("set", () -> {
            try (NoGradGuard guard = new NoGradGuard()) {
                raw.detach().copy_(Native.floats(values.data(), values.shape()));
            }
        });
    }

    @Override
    public void close() {
        raw.close();
    }

    @Override
    public String toString() {
        return raw.isNull() ? "closed tensor" : "tensor" + Arrays.toString(shape());
    }

    private static Tensor make(String what, Supplier<org.bytedeco.pytorch.Tensor> body) {
        return new Tensor(Native.scoped(what, body));
    }
}
