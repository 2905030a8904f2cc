package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Reductions along axes. */
final class ReductionOperators {

    private ReductionOperators() {}

    static void register(Operators table) {
        table.add("ReduceMean", c -> reduce(c, (x, axes, keep) -> torch.mean(x, axes, keep, new ScalarTypeOptional())))
                .add("ReduceSum", c -> reduce(c, (x, axes, keep) -> torch.sum(x, axes, keep, new ScalarTypeOptional())))
                .add("ReduceMax", c -> reduce(c, torch::amax))
                .add("ReduceMin", c -> reduce(c, torch::amin))
                .add(
                        "ReduceL2",
                        c -> reduce(
                                c,
                                (x, axes, keep) ->
                                        torch.sqrt(torch.sum(x.mul(x), axes, keep, new ScalarTypeOptional()))));
    }

    /** A reduction along the given axes. */
    @FunctionalInterface
    private interface Reduction {
        Tensor apply(Tensor x, long[] axes, boolean keep);
    }

    private static Operation reduce(NodeContext c, Reduction reduction) {
        Node node = c.node();
        long[] given = c.knownLongs("axes", 1, "axes");
        boolean keep = node.integer("keepdims", 1) == 1;
        boolean nothing = node.integer("noop_with_empty_axes", 0) == 1;
        boolean all = given == null || given.length == 0;
        c.require(!all || !nothing, "noop_with_empty_axes is not supported");
        return f -> f.out(reduction.apply(f.in(0), all ? every(f.in(0)) : given, keep));
    }

    private static long[] every(Tensor x) {
        long[] axes = new long[(int) x.dim()];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = i;
        }
        return axes;
    }
}
