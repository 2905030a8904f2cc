package dev.limbeck.graph;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Rules of operators that keep the elements and change their arrangement. */
final class LayoutRules {

    private LayoutRules() {}

    static void addTo(Map<String, ShapeRule> rules) {
        rules.put("Reshape", LayoutRules::reshape);
        rules.put("Flatten", LayoutRules::flatten);
        rules.put("Transpose", LayoutRules::transpose);
        rules.put("Squeeze", LayoutRules::squeeze);
        rules.put("Unsqueeze", LayoutRules::unsqueeze);
        rules.put("Expand", LayoutRules::expand);
        rules.put("Tile", LayoutRules::tile);
        rules.put("Concat", LayoutRules::concat);
        rules.put("Split", LayoutRules::split);
        rules.put("Pad", LayoutRules::pad);
    }

    private static void rearranged(OpContext op, long... shape) {
        op.output(0, op.type(0), shape);
        KnownValue value = op.known(0);
        op.value(0, value == null ? null : value.reshaped(shape));
    }

    private static void reshape(OpContext op) {
        long[] in = op.shape(0);
        long[] target = op.attributeOrInput("shape", 1);
        if (target == null) {
            throw op.fail("lacks its shape");
        }
        boolean literalZero = op.node().integer("allowzero", 0) == 1;
        long[] out = target.clone();
        int open = -1;
        long product = 1;
        for (int i = 0; i < out.length; i++) {
            if (out[i] == 0 && !literalZero) {
                out[i] = in[i];
            }
            if (out[i] == -1) {
                if (open >= 0) {
                    throw op.fail("leaves two dimensions of " + Arrays.toString(target) + " open");
                }
                open = i;
            } else {
                product = Math.multiplyExact(product, out[i]);
            }
        }
        long elements = TensorValue.elements(in);
        if (open >= 0) {
            out[open] = product == 0 ? 0 : elements / product;
            product = Math.multiplyExact(product, out[open]);
        }
        if (product != elements) {
            throw op.fail("cannot turn shape " + Arrays.toString(in) + " into " + Arrays.toString(target));
        }
        rearranged(op, out);
    }

    private static void flatten(OpContext op) {
        long[] in = op.shape(0);
        long given = op.node().integer("axis", 1);
        int axis = given == in.length ? in.length : op.axis(given, in.length);
        rearranged(
                op,
                TensorValue.elements(Arrays.copyOf(in, axis)),
                TensorValue.elements(Arrays.copyOfRange(in, axis, in.length)));
    }

    private static void transpose(OpContext op) {
        long[] in = op.shape(0);
        long[] reversed =
                LongStream.range(0, in.length).map(i -> in.length - 1 - i).toArray();
        long[] order = op.node().integers("perm", reversed);
        long[] sorted = order.clone();
        Arrays.sort(sorted);
        if (!Arrays.equals(sorted, LongStream.range(0, in.length).toArray())) {
            throw op.fail("has perm " + Arrays.toString(order) + " for " + in.length + " dimensions");
        }
        op.output(
                0, op.type(0), Arrays.stream(order).map(axis -> in[(int) axis]).toArray());
        KnownValue value = op.known(0);
        if (value != null) {
            op.value(0, value.transposed(order));
        }
    }

    private static void squeeze(OpContext op) {
        long[] in = op.shape(0);
        long[] axes = op.attributeOrInput("axes", 1);
        boolean[] gone = new boolean[in.length];
        if (axes == null) {
            for (int i = 0; i < in.length; i++) {
                gone[i] = in[i] == 1;
            }
        } else {
            for (long axis : axes) {
                int index = op.axis(axis, in.length);
                if (in[index] != 1) {
                    throw op.fail("removes dimension " + axis + " of " + Arrays.toString(in) + ", which is not 1");
                }
                gone[index] = true;
            }
        }
        rearranged(
                op,
                IntStream.range(0, in.length)
                        .filter(i -> !gone[i])
                        .mapToLong(i -> in[i])
                        .toArray());
    }

    private static void unsqueeze(OpContext op) {
        long[] in = op.shape(0);
        long[] axes = op.attributeOrInput("axes", 1);
        if (axes == null) {
            throw op.fail("lacks its axes");
        }
        long[] out = new long[in.length + axes.length];
        for (long axis : axes) {
            out[op.axis(axis, out.length)] = -1;
        }
        int next = 0;
        for (int i = 0; i < out.length; i++) {
            out[i] = out[i] == -1 ? 1 : in[next++];
        }
        rearranged(op, out);
    }

    private static void expand(OpContext op) {
        long[] shape = ElementwiseRules.broadcast(op, op.shape(0), op.longs(1, "shape"));
        op.output(0, op.type(0), shape);
        KnownValue value = op.known(0);
        if (value != null && TensorValue.elements(shape) <= KnownValue.LIMIT) {
            op.value(0, value.broadcast(shape));
        }
    }

    private static void tile(OpContext op) {
        long[] out = op.shape(0);
        long[] repeats = op.longs(1, "repeats");
        for (int i = 0; i < out.length; i++) {
            out[i] = Math.multiplyExact(out[i], repeats[i]);
        }
        op.output(0, op.type(0), out);
        KnownValue value = op.known(0);
        if (value != null && out.length == 1 && out[0] <= KnownValue.LIMIT) {
            double[] values = new double[(int) out[0]];
            Arrays.setAll(values, i -> value.values()[i % value.values().length]);
            op.value(0, new KnownValue(op.type(0), out, values));
        }
    }

    private static void concat(OpContext op) {
        long[] out = op.shape(0);
        int axis = op.axis(op.node().integer("axis", 1), out.length);
        for (int i = 1; i < op.inputs(); i++) {
            long[] next = op.shape(i);
            for (int d = 0; d < out.length; d++) {
                if (next.length != out.length || d != axis && next[d] != out[d]) {
                    throw op.mismatch();
                }
            }
            out[axis] = Math.addExact(out[axis], next[axis]);
        }
        op.output(0, op.type(0), out);
        if (out.length == 1 && IntStream.range(0, op.inputs()).allMatch(i -> op.known(i) != null)) {
            double[] values = IntStream.range(0, op.inputs())
                    .mapToObj(i -> op.known(i).values())
                    .flatMapToDouble(Arrays::stream)
                    .toArray();
            op.value(0, new KnownValue(op.type(0), out, values));
        }
    }

    private static void split(OpContext op) {
        long[] in = op.shape(0);
        int axis = op.axis(op.node().integer("axis", 0), in.length);
        long[] sizes = op.attributeOrInput("split", 1);
        if (sizes == null) {
            int parts = (int) op.node().integer("num_outputs", op.outputs());
            if (parts < 1 || parts > 1 << 16) {
                throw op.fail("splits in " + parts + " parts");
            }
            sizes = new long[parts];
            Arrays.fill(sizes, Math.ceilDiv(in[axis], parts));
            sizes[parts - 1] = in[axis] - sizes[0] * (parts - 1);
        }
        if (Arrays.stream(sizes).sum() != in[axis] || sizes.length < op.outputs()) {
            throw op.fail(
                    "splits dimension " + axis + " of " + Arrays.toString(in) + " into " + Arrays.toString(sizes));
        }
        long start = 0;
        for (int i = 0; i < op.outputs(); i++) {
            long[] out = in.clone();
            out[axis] = sizes[i];
            op.output(i, op.type(0), out);
            KnownValue value = op.known(0);
            if (value != null) {
                long[] indices = LongStream.range(start, start + sizes[i]).toArray();
                op.value(i, value.take(axis, indices, out));
            }
            start += sizes[i];
        }
    }

    private static void pad(OpContext op) {
        long[] out = op.shape(0);
        long[] pads = op.attributeOrInput("pads", 1);
        pads = pads == null ? op.node().integers("paddings") : pads;
        long[] axes = op.has(3)
                ? op.longs(3, "axes")
                : LongStream.range(0, out.length).toArray();
        if (pads.length != 2 * axes.length) {
            throw op.fail("has pads " + Arrays.toString(pads) + " for " + axes.length + " dimensions");
        }
        for (int i = 0; i < axes.length; i++) {
            int axis = op.axis(axes[i], out.length);
            out[axis] = Math.addExact(out[axis], Math.addExact(pads[i], pads[i + axes.length]));
        }
        op.output(0, op.type(0), out);
    }
}
