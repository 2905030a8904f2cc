package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.Arrays;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Reductions along axes, and the position of the largest and smallest element. */
final class ReductionOperators {

    private ReductionOperators() {}

    static void register(Operators table) {
        table.add("ReduceMean", c -> reduce(c, ReductionOperators::mean))
                .add("ReduceSum", c -> reduce(c, ReductionOperators::sum))
                .add("ReduceMax", c -> reduce(c, torch::amax))
                .add("ReduceMin", c -> reduce(c, torch::amin))
                .add("ReduceProd", c -> reduce(c, ReductionOperators::product))
                .add("ReduceL1", c -> reduce(c, (x, axes, keep) -> sum(torch.abs(x), axes, keep)))
                .add("ReduceL2", c -> reduce(c, (x, axes, keep) -> torch.sqrt(sum(x.mul(x), axes, keep))))
                .add("ReduceSumSquare", c -> reduce(c, (x, axes, keep) -> sum(x.mul(x), axes, keep)))
                .add("ReduceLogSum", c -> reduce(c, (x, axes, keep) -> torch.log(sum(x, axes, keep))))
                .add("ReduceLogSumExp", c -> reduce(c, torch::logsumexp))
                .add("ArgMax", c -> position(c, torch::argmax))
                .add("ArgMin", c -> position(c, torch::argmin));
    }

    /** A reduction along the given axes. */
    @FunctionalInterface
    private interface Reduction {
        Tensor apply(Tensor x, long[] axes, boolean keep);
    }

    private static Operation reduce(NodeContext c, Reduction reduction) {
        Node node = c.node();
        NodeContext.Longs given = c.longs("axes", 1);
        boolean keep = node.integer("keepdims", 1) == 1;
        boolean nothing = node.integer("noop_with_empty_axes", 0) == 1;
        return f -> {
            Tensor x = f.in(0);
            long[] axes = given == null ? new long[0] : given.of(f);
            if (axes.length == 0 && nothing) {
                // ONNX Runtime still takes absolute values, squares and so on: it reduces along no axis.
                f.out(reduction.apply(x.unsqueeze(0), new long[] {0}, false));
                return;
            }
            f.out(reduction.apply(x, axes.length == 0 ? every(x) : axes, keep));
        };
    }

    private static long[] every(Tensor x) {
        long[] axes = new long[(int) x.dim()];
        Arrays.setAll(axes, i -> i);
        return axes;
    }

    /**
     * The sum divided where it is small: libtorch's own mean divides a gradient as large as its input, and in another memory layout
     * than channels-last, which takes four times as long.
     */
    static Tensor mean(Tensor x, long[] axes, boolean keep) {
        long count = Arrays.stream(axes).map(x::size).reduce(1, Math::multiplyExact);
        return sum(x, axes, keep).div(new Scalar((double) count));
    }

    private static Tensor sum(Tensor x, long[] axes, boolean keep) {
        return torch.sum(x, axes, keep, new ScalarTypeOptional());
    }

    // libtorch multiplies along one axis at a time; the last first, so that those left keep their numbers.
    private static Tensor product(Tensor x, long[] axes, boolean keep) {
        long[] sorted =
                Arrays.stream(axes).map(a -> a < 0 ? a + x.dim() : a).sorted().toArray();
        Tensor result = new Tensor(x);
        for (int i = sorted.length - 1; i >= 0; i--) {
            result = torch.prod(result, sorted[i], keep, new ScalarTypeOptional());
        }
        return result;
    }

    /** The index of the chosen element along an axis, the first of equal ones. */
    @FunctionalInterface
    private interface Position {
        Tensor apply(Tensor x, LongOptional axis, boolean keep);
    }

    private static Operation position(NodeContext c, Position position) {
        Node node = c.node();
        long axis = node.integer("axis", 0);
        boolean keep = node.integer("keepdims", 1) == 1;
        boolean last = node.integer("select_last_index", 0) == 1;
        return f -> {
            Tensor x = f.in(0);
            if (!last) {
                f.out(position.apply(x, new LongOptional(axis), keep));
                return;
            }
            Tensor fromTheEnd = position.apply(torch.flip(x, axis), new LongOptional(axis), keep);
            f.out(torch.rsub(fromTheEnd, new Scalar(x.size(axis) - 1)));
        };
    }
}
