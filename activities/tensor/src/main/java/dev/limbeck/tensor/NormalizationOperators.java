package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.Arrays;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** BatchNormalization, LayerNormalization, InstanceNormalization. */
final class NormalizationOperators {

    private NormalizationOperators() {}

    static void register(Operators table) {
        table.add("BatchNormalization", NormalizationOperators::batch)
                .add("LayerNormalization", NormalizationOperators::layer)
                .add("InstanceNormalization", NormalizationOperators::instance);
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
