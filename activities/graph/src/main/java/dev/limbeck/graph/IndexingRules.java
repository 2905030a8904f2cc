package dev.limbeck.graph;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;

/** Rules of operators that choose elements by index. */
final class IndexingRules {

    private IndexingRules() {}

    static void addTo(Map<String, ShapeRule> rules) {
        rules.put("Slice", IndexingRules::slice);
        rules.put("Gather", IndexingRules::gather);
        rules.put("GatherElements", op -> op.output(0, op.type(0), op.shape(1)));
        rules.put("GatherND", IndexingRules::gatherNd);
        rules.put("TopK", IndexingRules::topK);
        rules.put("OneHot", IndexingRules::oneHot);
    }

    private static void slice(OpContext op) {
        long[] in = op.shape(0);
        boolean attributes = op.node().attribute("starts").isPresent();
        long[] starts = attributes ? op.node().integers("starts") : op.longs(1, "starts");
        long[] ends = attributes ? op.node().integers("ends") : op.longs(2, "ends");
        long[] all = LongStream.range(0, starts.length).toArray();
        long[] axes = attributes ? op.node().integers("axes", all) : op.has(3) ? op.longs(3, "axes") : all;
        long[] steps = op.has(4) ? op.longs(4, "steps") : null;
        long[] out = in.clone();
        KnownValue value = op.known(0);
        for (int i = 0; i < starts.length; i++) {
            int axis = op.axis(axes[i], in.length);
            long step = steps == null ? 1 : steps[i];
            if (step == 0) {
                throw op.fail("has a step of 0");
            }
            long size = in[axis];
            boolean forward = step > 0;
            long start = clamp(wrap(starts[i], size), 0, forward ? size : size - 1);
            long end = clamp(wrap(ends[i], size), forward ? 0 : -1, size);
            long count = Math.max(0, forward ? Math.ceilDiv(end - start, step) : Math.ceilDiv(start - end, -step));
            out[axis] = count;
            if (value != null) {
                long[] shape = value.shape().clone();
                shape[axis] = count;
                value = value.take(
                        axis,
                        LongStream.range(0, count).map(k -> start + k * step).toArray(),
                        shape);
            }
        }
        op.output(0, op.type(0), out);
        op.value(0, value);
    }

    private static long wrap(long index, long size) {
        return index < 0 ? index + size : index;
    }

    private static long clamp(long value, long low, long high) {
        return Math.max(low, Math.min(high, value));
    }

    private static void gather(OpContext op) {
        long[] in = op.shape(0);
        long[] indices = op.shape(1);
        int axis = op.axis(op.node().integer("axis", 0), in.length);
        long[] out = new long[in.length - 1 + indices.length];
        System.arraycopy(in, 0, out, 0, axis);
        System.arraycopy(indices, 0, out, axis, indices.length);
        System.arraycopy(in, axis + 1, out, axis + indices.length, in.length - axis - 1);
        op.output(0, op.type(0), out);
        KnownValue value = op.known(0);
        KnownValue chosen = op.known(1);
        if (value != null && chosen != null && TensorValue.elements(out) <= KnownValue.LIMIT) {
            op.value(0, value.take(axis, chosen.longs(), out));
        }
    }

    private static void gatherNd(OpContext op) {
        long[] in = op.shape(0);
        long[] indices = op.shape(1);
        int batch = (int) op.node().integer("batch_dims", 0);
        int depth = (int) indices[indices.length - 1];
        long[] lead = Arrays.copyOf(indices, indices.length - 1);
        long[] tail = Arrays.copyOfRange(in, batch + depth, in.length);
        op.output(
                0,
                op.type(0),
                LongStream.concat(Arrays.stream(lead), Arrays.stream(tail)).toArray());
    }

    private static void topK(OpContext op) {
        long[] out = op.shape(0);
        int axis = op.axis(op.node().integer("axis", -1), out.length);
        out[axis] = op.has(1) ? op.longs(1, "k")[0] : op.node().integer("k", 1);
        op.output(0, op.type(0), out);
        op.output(1, ElementType.INT64, out);
    }

    private static void oneHot(OpContext op) {
        long[] in = op.shape(0);
        int axis = op.axis(op.node().integer("axis", -1), in.length + 1);
        long[] out = new long[in.length + 1];
        for (int i = 0; i < out.length; i++) {
            out[i] = i == axis ? op.longs(1, "depth")[0] : in[i < axis ? i : i - 1];
        }
        op.output(0, op.type(2), out);
    }
}
