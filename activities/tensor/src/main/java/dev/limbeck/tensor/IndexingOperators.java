package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.Arrays;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Operators that take tensors apart and put them together, or order their elements. */
final class IndexingOperators {

    private IndexingOperators() {}

    static void register(Operators table) {
        table.add("Concat", IndexingOperators::concat)
                .add("Split", IndexingOperators::split)
                .add("Slice", IndexingOperators::slice)
                .add("TopK", IndexingOperators::topK)
                .add("OneHot", IndexingOperators::oneHot)
                .add("CumSum", IndexingOperators::cumulativeSum)
                .add("Trilu", IndexingOperators::triangle);
    }

    private static Operation concat(NodeContext c) {
        long axis = c.node().integer("axis", 1);
        for (int i = 0; i < c.node().inputs().size(); i++) {
            c.biasIfVector(i);
        }
        return f -> {
            Tensor[] parts = new Tensor[f.inputCount()];
            for (int i = 0; i < parts.length; i++) {
                parts[i] = f.in(i);
            }
            f.out(torch.cat(new TensorVector(parts), axis));
        };
    }

    private static Operation split(NodeContext c) {
        Node node = c.node();
        int axis = (int) node.integer("axis", 0);
        int count = node.outputs().size();
        NodeContext.Longs given = c.longs("split", 1);
        return f -> {
            Tensor x = f.in(0);
            long[] sizes = given == null ? even(x.size(axis), count) : given.of(f);
            long from = 0;
            for (int i = 0; i < count; i++) {
                f.out(i, torch.narrow(x, axis, from, sizes[i]));
                from += sizes[i];
            }
        };
    }

    /** Equal parts, but for the last, which has what is left. */
    private static long[] even(long whole, int count) {
        long part = (whole + count - 1) / count;
        long[] sizes = new long[count];
        Arrays.fill(sizes, part);
        sizes[count - 1] = whole - part * (count - 1);
        return sizes;
    }

    private static Operation slice(NodeContext c) {
        NodeContext.Longs starts = c.longs("starts", 1);
        NodeContext.Longs ends = c.longs("ends", 2);
        NodeContext.Longs axes = c.longs("axes", 3);
        NodeContext.Longs steps = c.longs("steps", 4);
        return f -> {
            Tensor x = new Tensor(f.in(0));
            long[] from = starts.of(f);
            long[] to = ends.of(f);
            long[] along = axes == null ? null : axes.of(f);
            long[] step = steps == null ? null : steps.of(f);
            for (int i = 0; i < from.length; i++) {
                x = slice(x, along == null ? i : along[i], from[i], to[i], step == null ? 1 : step[i]);
            }
            f.out(x);
        };
    }

    // libtorch steps forwards only: going back is going forwards through the reversed axis.
    private static Tensor slice(Tensor x, long axis, long from, long to, long step) {
        if (step > 0) {
            return torch.slice(x, axis, new LongOptional(from), new LongOptional(to), step);
        }
        long size = x.size(axis);
        long first = Math.clamp(from < 0 ? from + size : from, 0, size - 1);
        long end = Math.clamp(to < 0 ? to + size : to, -1, size - 1);
        Tensor reversed = torch.flip(x, axis);
        return torch.slice(reversed, axis, new LongOptional(size - 1 - first), new LongOptional(size - 1 - end), -step);
    }

    // Sorted stably, since of equal elements the first counts, which libtorch's own topk does not promise.
    private static Operation topK(NodeContext c) {
        Node node = c.node();
        NodeContext.Longs input = c.longs("", 1);
        long attribute = node.integer("k", 1);
        long axis = node.integer("axis", -1);
        boolean largest = node.integer("largest", 1) == 1;
        return f -> {
            long k = input == null ? attribute : input.of(f)[0];
            T_TensorTensor_T sorted = torch.sort(f.in(0), new BoolOptional(true), axis, largest);
            f.out(0, torch.narrow(sorted.get0(), axis, 0, k));
            f.out(1, torch.narrow(sorted.get1(), axis, 0, k));
        };
    }

    private static Operation oneHot(NodeContext c) {
        long axis = c.node().integer("axis", -1);
        return f -> {
            Tensor indices = f.in(0).to(ScalarType.Long);
            long depth = Native.toLongs(f.in(1))[0];
            Tensor values = f.in(2);
            long[] classes = new long[(int) depth];
            Arrays.setAll(classes, i -> i);
            long at = axis < 0 ? axis + indices.dim() + 1 : axis;
            long[] shape = Window.filled((int) indices.dim() + 1, 1);
            shape[(int) at] = depth;
            Tensor wanted = Native.like(Native.longs(classes, shape), indices);
            Tensor chosen = GatherScatterOperators.wrapped(indices, depth).unsqueeze(at);
            f.out(torch.where(torch.eq(chosen, wanted), values.select(0, 1), values.select(0, 0)));
        };
    }

    private static Operation cumulativeSum(NodeContext c) {
        NodeContext.Longs axis = c.longs("", 1);
        boolean exclusive = c.node().integer("exclusive", 0) == 1;
        boolean reverse = c.node().integer("reverse", 0) == 1;
        return f -> {
            long along = axis.of(f)[0];
            Tensor x = reverse ? torch.flip(f.in(0), along) : f.in(0);
            if (exclusive) {
                Tensor first = torch.zeros_like(torch.narrow(x, along, 0, 1));
                x = torch.cat(new TensorVector(first, torch.narrow(x, along, 0, x.size(along) - 1)), along);
            }
            Tensor sum = torch.cumsum(x, along);
            f.out(reverse ? torch.flip(sum, along) : sum);
        };
    }

    private static Operation triangle(NodeContext c) {
        boolean upper = c.node().integer("upper", 1) == 1;
        NodeContext.Longs diagonal = c.longs("", 1);
        return f -> {
            long k = diagonal == null ? 0 : diagonal.of(f)[0];
            f.out(upper ? torch.triu(f.in(0), k) : torch.tril(f.in(0), k));
        };
    }
}
