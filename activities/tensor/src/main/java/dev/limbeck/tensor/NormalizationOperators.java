package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.Arrays;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Normalizations over the batch, over an item, over groups of channels and over neighbours. */
final class NormalizationOperators {

    private NormalizationOperators() {}

    static void register(Operators table) {
        table.add("BatchNormalization", NormalizationOperators::batch)
                .add("LayerNormalization", NormalizationOperators::layer)
                .add("InstanceNormalization", NormalizationOperators::instance)
                .add("GroupNormalization", NormalizationOperators::group)
                .add("RMSNormalization", NormalizationOperators::rootMeanSquare)
                .add("LpNormalization", NormalizationOperators::length)
                .add("LRN", NormalizationOperators::localResponse);
    }

    /**
     * Statistics are buffers that TRAIN updates: running = m * running + (1 - m) * batch, where m is ONNX's momentum and
     * libtorch's is 1 - m. The variance that is kept is the unbiased one, as in PyTorch.
     */
    private static Operation batch(NodeContext c) {
        Node node = c.node();
        c.require(
                node.output(1).isEmpty() && node.integer("training_mode", 0) == 0,
                "training_mode is not supported;" + " export the network for inference");
        c.bias(1);
        c.bias(2);
        c.statistic(3);
        c.statistic(4);
        double epsilon = node.number("epsilon", 1e-5f);
        double momentum = 1.0 - node.number("momentum", 0.9f);
        return f -> f.out(torch.batch_norm(
                f.in(0),
                f.optional(1),
                f.optional(2),
                f.optional(3),
                f.optional(4),
                f.mode().updatesStatistics(),
                momentum,
                epsilon,
                false));
    }

    private static Operation layer(NodeContext c) {
        Node node = c.node();
        c.require(node.output(1).isEmpty() && node.output(2).isEmpty(), "outputs Mean and InvStdDev are not supported");
        c.bias(1);
        c.bias(2);
        int axis = (int) node.integer("axis", -1);
        double epsilon = node.number("epsilon", 1e-5f);
        return f -> {
            long[] shape = Native.shape(f.in(0));
            long[] normalized = Arrays.copyOfRange(shape, axis < 0 ? axis + shape.length : axis, shape.length);
            f.out(torch.layer_norm(f.in(0), normalized, f.optional(1), f.optional(2), epsilon, false));
        };
    }

    // scale and bias: [channels]; before operator set 21 [groups]
    private static Operation group(NodeContext c) {
        Node node = c.node();
        c.bias(1);
        c.bias(2);
        long groups = node.integer("num_groups", 1);
        boolean perGroup = c.opset() < 21;
        double epsilon = node.number("epsilon", 1e-5f);
        return f -> {
            Tensor x = f.in(0);
            long repeats = perGroup ? x.size(1) / groups : 1;
            f.out(torch.group_norm(x, groups, repeated(f.in(1), repeats), repeated(f.in(2), repeats), epsilon, false));
        };
    }

    private static TensorOptional repeated(Tensor perGroup, long repeats) {
        return new TensorOptional(
                repeats == 1
                        ? perGroup
                        : torch.repeat_interleave(perGroup, repeats, new LongOptional(0), new LongOptional()));
    }

    // x / sqrt(mean(x^2) + epsilon) * scale (Zhang and Sennrich 2019, "Root mean square layer normalization")
    private static Operation rootMeanSquare(NodeContext c) {
        c.bias(1);
        long axis = c.node().integer("axis", -1);
        double epsilon = c.node().number("epsilon", 1e-5f);
        return f -> {
            Tensor x = f.in(0);
            long first = axis < 0 ? axis + x.dim() : axis;
            long[] axes = new long[(int) (x.dim() - first)];
            Arrays.setAll(axes, i -> first + i);
            Tensor meanSquare = torch.mean(x.mul(x), axes, true, new ScalarTypeOptional());
            f.out(x.mul(torch.rsqrt(meanSquare.add(new Scalar(epsilon)))).mul(f.in(1)));
        };
    }

    // x / |x|; zeros stay
    private static Operation length(NodeContext c) {
        long p = c.node().integer("p", 2);
        long[] axis = {c.node().integer("axis", -1)};
        return f -> {
            Tensor x = f.in(0);
            Tensor powers = p == 1 ? torch.abs(x) : x.mul(x);
            Tensor sum = torch.sum(powers, axis, true, new ScalarTypeOptional());
            Tensor length = p == 1 ? sum : torch.sqrt(sum);
            f.out(x.div(torch.where(torch.eq(length, new Scalar(0f)), torch.ones_like(length), length)));
        };
    }

    // x / (bias + alpha / size * sum of squares of size neighbouring channels)^beta (Krizhevsky et al. 2012)
    private static Operation localResponse(NodeContext c) {
        Node node = c.node();
        long size = node.integer("size", 1);
        c.require(size % 2 == 1, "an even size, " + size + ", is not supported");
        double alpha = node.number("alpha", 1e-4f) / size;
        double beta = node.number("beta", 0.75f);
        double bias = node.number("bias", 1);
        return f -> {
            Tensor x = f.in(0);
            long[] pads = new long[2 * (int) x.dim() - 2];
            pads[pads.length - 2] = (size - 1) / 2;
            pads[pads.length - 1] = (size - 1) / 2;
            Tensor squares = torch.constant_pad_nd(x.mul(x), pads, new Scalar(0f));
            Tensor sum = torch.narrow(squares, 1, 0, x.size(1));
            for (long i = 1; i < size; i++) {
                sum = sum.add(torch.narrow(squares, 1, i, x.size(1)));
            }
            Tensor base = sum.mul(new Scalar(alpha)).add(new Scalar(bias));
            f.out(x.div(torch.pow(base, new Scalar(beta))));
        };
    }

    private static Operation instance(NodeContext c) {
        c.bias(1);
        c.bias(2);
        double epsilon = c.node().number("epsilon", 1e-5f);
        return f -> f.out(torch.instance_norm(
                f.in(0),
                f.optional(1),
                f.optional(2),
                new TensorOptional(),
                new TensorOptional(),
                true,
                0,
                epsilon,
                false));
    }
}
