package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.Arrays;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Operators that take tensors apart and put them together. */
final class IndexingOperators {

    private IndexingOperators() {}

    static void register(Operators table) {
        table.add("Concat", IndexingOperators::concat)
                .add("Split", IndexingOperators::split)
                .add("Slice", IndexingOperators::slice)
                .add("Gather", IndexingOperators::gather);
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
        long[] given = c.knownLongs("split", 1, "split");
        return f -> {
            Tensor x = f.in(0);
            long[] sizes = given;
            if (sizes == null) {
                long whole = x.size(axis);
                long part = (whole + count - 1) / count;
                sizes = new long[count];
                Arrays.fill(sizes, part);
                sizes[count - 1] = whole - part * (count - 1);
            }
            long from = 0;
            for (int i = 0; i < count; i++) {
                f.out(i, torch.narrow(x, axis, from, sizes[i]));
                from += sizes[i];
            }
        };
    }

    private static Operation slice(NodeContext c) {
        NodeContext.Longs starts = c.longs("starts", 1);
        NodeContext.Longs ends = c.longs("ends", 2);
        NodeContext.Longs axes = c.longs("axes", 3);
        long[] steps = c.knownLongs("steps", 4, "steps");
        c.require(
                steps == null || Arrays.stream(steps).allMatch(s -> s > 0),
                "steps must be positive, not " + Arrays.toString(steps));
        return f -> {
            Tensor x = new Tensor(f.in(0));
            long[] from = starts.of(f);
            long[] to = ends.of(f);
            long[] along = axes == null ? null : axes.of(f);
            for (int i = 0; i < from.length; i++) {
                x = torch.slice(
                        x,
                        along == null ? i : along[i],
                        new LongOptional(from[i]),
                        new LongOptional(to[i]),
                        steps == null ? 1 : steps[i]);
            }
            f.out(x);
        };
    }

    // Output shape: that of the data with the axis replaced by the shape of the indices.
    private static Operation gather(NodeContext c) {
        if (c.initializer(0).filter(table -> table.shape().length > 1).isPresent()) {
            c.weightIfFloat(0);
        }
        int given = (int) c.node().integer("axis", 0);
        return f -> {
            Tensor x = f.in(0);
            long[] data = Native.shape(x);
            int axis = given < 0 ? given + data.length : given;
            long[] wanted = Native.shape(f.in(1));
            long[] indices = Native.toLongs(f.in(1));
            for (int i = 0; i < indices.length; i++) {
                indices[i] += indices[i] < 0 ? data[axis] : 0;
            }
            long[] shape = new long[data.length - 1 + wanted.length];
            System.arraycopy(data, 0, shape, 0, axis);
            System.arraycopy(wanted, 0, shape, axis, wanted.length);
            System.arraycopy(data, axis + 1, shape, axis + wanted.length, data.length - axis - 1);
            Tensor index = Native.like(Native.longs(indices, indices.length), x);
            f.out(torch.index_select(x, axis, index).reshape(shape));
        };
    }
}
