package dev.limbeck.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Gathering from, and scattering to, the places that a tensor of indices names. Negative indices count from the end. */
final class GatherScatterOperators {

    private GatherScatterOperators() {}

    static void register(Operators table) {
        table.add("Gather", GatherScatterOperators::gather)
                .add("GatherElements", GatherScatterOperators::gatherElements)
                .add("GatherND", GatherScatterOperators::gatherNd)
                .add("ScatterElements", GatherScatterOperators::scatterElements)
                .add("Scatter", GatherScatterOperators::scatterElements)
                .add("ScatterND", GatherScatterOperators::scatterNd);
    }

    static Tensor wrapped(Tensor indices, long size) {
        return torch.where(torch.lt(indices, new Scalar(0L)), indices.add(new Scalar(size)), indices);
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

    private static Operation gatherElements(NodeContext c) {
        long axis = c.node().integer("axis", 0);
        return f -> {
            Tensor x = f.in(0);
            Tensor indices = Native.like(f.in(1), x);
            f.out(torch.gather(x, axis, wrapped(indices, x.size(axis))));
        };
    }

    /** A tensor as rows, and for each tuple of indices the row that it names. */
    private record Rows(Tensor rows, Tensor indices) {

        /**
         * @param x [batch..., indexed..., rest...]
         * @param tuples [batch..., any..., number of indexed]
         */
        static Rows of(Tensor x, Tensor tuples, int batchAxes) {
            long[] shape = Native.shape(x);
            int depth = (int) tuples.size(tuples.dim() - 1);
            long batches = product(shape, 0, batchAxes);
            long rows = product(shape, batchAxes, batchAxes + depth);
            Tensor flat = Native.like(tuples, x).reshape(batches, -1, depth);
            Tensor linear = torch.zeros_like(flat.select(2, 0));
            for (int i = 0; i < depth; i++) {
                long size = shape[batchAxes + i];
                linear = linear.mul(new Scalar(size)).add(wrapped(flat.select(2, i), size));
            }
            long[] starts = new long[(int) batches];
            Arrays.setAll(starts, i -> i * rows);
            linear = linear.add(Native.like(Native.longs(starts, batches, 1), x));
            long width = product(shape, batchAxes + depth, shape.length);
            return new Rows(x.reshape(batches * rows, width), linear.reshape(-1));
        }

        private static long product(long[] shape, int from, int to) {
            return Arrays.stream(shape, from, to).reduce(1, Math::multiplyExact);
        }
    }

    private static Operation gatherNd(NodeContext c) {
        int batchAxes = (int) c.node().integer("batch_dims", 0);
        return f -> {
            long[] data = Native.shape(f.in(0));
            long[] tuples = Native.shape(f.in(1));
            int indexed = batchAxes + (int) tuples[tuples.length - 1];
            long[] shape = Arrays.copyOf(tuples, tuples.length - 1 + data.length - indexed);
            System.arraycopy(data, indexed, shape, tuples.length - 1, data.length - indexed);
            Rows rows = Rows.of(f.in(0), f.in(1), batchAxes);
            f.out(torch.index_select(rows.rows(), 0, rows.indices()).reshape(shape));
        };
    }

    /** libtorch's names of the reductions. */
    private static String reduction(NodeContext c) {
        String reduction = c.node().text("reduction", "none");
        return switch (reduction) {
            case "none", "add" -> reduction;
            case "mul" -> "prod";
            case "max" -> "amax";
            case "min" -> "amin";
            default -> throw c.refuse("reduction '" + reduction + "' is not supported");
        };
    }

    private static Operation scatterElements(NodeContext c) {
        long axis = c.node().integer("axis", 0);
        String reduction = reduction(c);
        return f -> {
            Tensor x = f.in(0);
            Tensor indices = wrapped(Native.like(f.in(1), x), x.size(axis));
            f.out(
                    switch (reduction) {
                        case "none" -> torch.scatter(x, axis, indices, f.in(2));
                        case "add" -> torch.scatter_add(x, axis, indices, f.in(2));
                        default -> torch.scatter_reduce(x, axis, indices, f.in(2), reduction, true);
                    });
        };
    }

    private static Operation scatterNd(NodeContext c) {
        String reduction = reduction(c);
        return f -> {
            Rows rows = Rows.of(f.in(0), f.in(1), 0);
            Tensor indices = rows.indices();
            Tensor updates = f.in(2).reshape(indices.size(0), rows.rows().size(1));
            Tensor scattered =
                    switch (reduction) {
                        case "none" -> torch.index_copy(rows.rows(), 0, indices, updates);
                        case "add" -> torch.index_add(rows.rows(), 0, indices, updates);
                        default -> torch.index_reduce(rows.rows(), 0, indices, updates, reduction, true);
                    };
            f.out(scattered.reshape(Native.shape(f.in(0))));
        };
    }
}
