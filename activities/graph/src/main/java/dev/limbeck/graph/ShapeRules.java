package dev.limbeck.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongBinaryOperator;
import java.util.stream.LongStream;

/** One rule an operator: what shape comes out. */
final class ShapeRules {

    private static final Map<String, Rule> RULES = new TreeMap<>();

    /** Computes types and shapes of a node's outputs. */
    @FunctionalInterface
    interface Rule {
        void infer(Node node, ShapeContext context);
    }

    static {
        same(
                "Relu",
                "LeakyRelu",
                "PRelu",
                "Clip",
                "Sigmoid",
                "Tanh",
                "HardSigmoid",
                "HardSwish",
                "Gelu",
                "Elu",
                "Selu");
        same(
                "Softplus",
                "Mish",
                "Erf",
                "Softmax",
                "LogSoftmax",
                "Identity",
                "Sqrt",
                "Exp",
                "Log",
                "Neg",
                "Abs",
                "Reciprocal");
        same(
                "Floor",
                "Ceil",
                "Round",
                "Sign",
                "Not",
                "BatchNormalization",
                "LayerNormalization",
                "InstanceNormalization");
        same("Dropout", "ThresholdedRelu", "Celu", "Softsign", "GroupNormalization", "com.microsoft.Gelu");
        broadcast("Pow", "PRelu", "Max", "Min", "Mean", "And", "Or", "Xor");
        compare("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual");
        arithmetic("Add", Math::addExact);
        arithmetic("Sub", Math::subtractExact);
        arithmetic("Mul", Math::multiplyExact);
        arithmetic("Div", (a, b) -> b == 0 ? 0 : a / b);
        reduce("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL2");
        RULES.put("Conv", WindowRules::convolution);
        RULES.put("ConvTranspose", WindowRules::transposedConvolution);
        RULES.put("MaxPool", WindowRules::pool);
        RULES.put("AveragePool", WindowRules::pool);
        RULES.put("GlobalAveragePool", WindowRules::globalPool);
        RULES.put("GlobalMaxPool", WindowRules::globalPool);
        RULES.put("Gemm", ShapeRules::gemm);
        RULES.put("MatMul", ShapeRules::matMul);
        RULES.put("Flatten", ShapeRules::flatten);
        RULES.put("Reshape", ShapeRules::reshape);
        RULES.put("Transpose", ShapeRules::transpose);
        RULES.put("Squeeze", ShapeRules::squeeze);
        RULES.put("Unsqueeze", ShapeRules::unsqueeze);
        RULES.put("Concat", ShapeRules::concat);
        RULES.put("Split", ShapeRules::split);
        RULES.put("Slice", ShapeRules::slice);
        RULES.put("Gather", ShapeRules::gather);
        RULES.put("Expand", ShapeRules::expand);
        RULES.put("Shape", ShapeRules::shapeOf);
        RULES.put("Constant", ShapeRules::constant);
        RULES.put(
                "ConstantOfShape",
                (node, c) -> c.set(
                        node,
                        0,
                        node.tensor("value").map(TensorValue::type).orElse(ElementType.FLOAT),
                        c.knownIntegers(node, 0)));
        RULES.put("Cast", ShapeRules::cast);
        RULES.put(
                "Where",
                (node, c) -> c.set(
                        node,
                        0,
                        c.type(node, 1),
                        broadcast(c.shape(node, 0), broadcast(c.shape(node, 1), c.shape(node, 2)))));
        RULES.put("Pad", ShapeRules::pad);
        RULES.put("Resize", ShapeRules::resize);
        RULES.put(
                "QuantizeLinear",
                (node, c) -> c.set(node, 0, node.hasInput(2) ? c.type(node, 2) : ElementType.UINT8, c.shape(node, 0)));
        RULES.put("DequantizeLinear", (node, c) -> c.set(node, 0, ElementType.FLOAT, c.shape(node, 0)));
    }

    private ShapeRules() {}

    static Rule of(Node node) {
        return RULES.get(node.op());
    }

    static Set<String> known() {
        return new TreeSet<>(RULES.keySet());
    }

    private static void same(String... ops) {
        for (String op : ops) {
            RULES.put(op, (node, c) -> {
                c.set(node, 0, c.type(node, 0), c.shape(node, 0));
                c.integers(node, 0).filter(v -> op.equals("Identity")).ifPresent(v -> c.setConstant(node, v));
            });
        }
    }

    private static void broadcast(String... ops) {
        for (String op : ops) {
            RULES.put(op, (node, c) -> c.set(node, 0, c.type(node, 0), broadcastAll(node, c)));
        }
    }

    private static void compare(String... ops) {
        for (String op : ops) {
            RULES.put(op, (node, c) -> c.set(node, 0, ElementType.BOOL, broadcastAll(node, c)));
        }
    }

    private static void arithmetic(String op, LongBinaryOperator operator) {
        RULES.put(op, (node, c) -> {
            c.set(node, 0, c.type(node, 0), broadcastAll(node, c));
            if (c.type(node, 0) == ElementType.INT64
                    && c.integers(node, 0).isPresent()
                    && c.integers(node, 1).isPresent()) {
                long[] a = c.knownIntegers(node, 0);
                long[] b = c.knownIntegers(node, 1);
                int size = Math.max(a.length, b.length);
                if ((a.length == size || a.length == 1) && (b.length == size || b.length == 1)) {
                    long[] values = new long[size];
                    Arrays.setAll(
                            values, i -> operator.applyAsLong(a[a.length == 1 ? 0 : i], b[b.length == 1 ? 0 : i]));
                    c.setConstant(node, values);
                }
            }
        });
    }

    private static void reduce(String... ops) {
        for (String op : ops) {
            RULES.put(op, (node, c) -> {
                long[] shape = c.shape(node, 0);
                long[] axes = node.attribute("axes").isPresent()
                        ? node.integers("axes")
                        : c.integers(node, 1).orElseGet(() -> LongStream.range(0, shape.length)
                                .toArray());
                boolean keep = node.integer("keepdims", 1) == 1;
                Set<Integer> reduced = new TreeSet<>();
                for (long axis : axes) {
                    reduced.add(axis(axis, shape.length));
                }
                List<Long> out = new ArrayList<>();
                for (int i = 0; i < shape.length; i++) {
                    if (!reduced.contains(i)) {
                        out.add(shape[i]);
                    } else if (keep) {
                        out.add(1L);
                    }
                }
                c.set(node, 0, c.type(node, 0), array(out));
            });
        }
    }

    private static long[] broadcastAll(Node node, ShapeContext c) {
        long[] shape = c.shape(node, 0);
        for (int i = 1; i < node.inputs().size(); i++) {
            shape = broadcast(shape, c.shape(node, i));
        }
        return shape;
    }

    static long[] broadcast(long[] a, long[] b) {
        int rank = Math.max(a.length, b.length);
        long[] out = new long[rank];
        for (int i = 0; i < rank; i++) {
            long x = i < rank - a.length ? 1 : a[i - rank + a.length];
            long y = i < rank - b.length ? 1 : b[i - rank + b.length];
            if (x != y && x != 1 && y != 1) {
                throw new IllegalArgumentException(
                        Arrays.toString(a) + " and " + Arrays.toString(b) + " cannot be broadcast");
            }
            out[i] = x == 1 ? y : x;
        }
        return out;
    }

    static int axis(long axis, int rank) {
        if (axis < -rank || axis >= rank) {
            throw new IllegalArgumentException("axis " + axis + " is not one of " + rank);
        }
        return (int) (axis < 0 ? axis + rank : axis);
    }

    static long[] array(List<Long> values) {
        return values.stream().mapToLong(Long::longValue).toArray();
    }

    private static void gemm(Node node, ShapeContext c) {
        long[] a = c.shape(node, 0);
        long[] b = c.shape(node, 1);
        long rows = node.integer("transA", 0) == 1 ? a[1] : a[0];
        long columns = node.integer("transB", 0) == 1 ? b[0] : b[1];
        long inner = node.integer("transA", 0) == 1 ? a[0] : a[1];
        long other = node.integer("transB", 0) == 1 ? b[1] : b[0];
        if (inner != other) {
            throw new IllegalArgumentException(
                    Arrays.toString(a) + " and " + Arrays.toString(b) + " cannot be multiplied");
        }
        c.set(node, 0, c.type(node, 0), rows, columns);
    }

    private static void matMul(Node node, ShapeContext c) {
        long[] a = c.shape(node, 0);
        long[] b = c.shape(node, 1);
        long[] left = a.length == 1 ? new long[] {1, a[0]} : a;
        long[] right = b.length == 1 ? new long[] {b[0], 1} : b;
        if (left[left.length - 1] != right[right.length - 2]) {
            throw new IllegalArgumentException(
                    Arrays.toString(a) + " and " + Arrays.toString(b) + " cannot be multiplied");
        }
        long[] batch = broadcast(Arrays.copyOf(left, left.length - 2), Arrays.copyOf(right, right.length - 2));
        LongStream out = Arrays.stream(batch);
        if (a.length > 1) {
            out = LongStream.concat(out, LongStream.of(left[left.length - 2]));
        }
        if (b.length > 1) {
            out = LongStream.concat(out, LongStream.of(right[right.length - 1]));
        }
        c.set(node, 0, c.type(node, 0), out.toArray());
    }

    private static void flatten(Node node, ShapeContext c) {
        long[] shape = c.shape(node, 0);
        int axis = (int) node.integer("axis", 1);
        int split = axis < 0 ? axis + shape.length : axis;
        c.set(
                node,
                0,
                c.type(node, 0),
                TensorValue.elements(Arrays.copyOf(shape, split)),
                TensorValue.elements(Arrays.copyOfRange(shape, split, shape.length)));
    }

    private static void reshape(Node node, ShapeContext c) {
        long[] from = c.shape(node, 0);
        long[] to = c.knownIntegers(node, 1).clone();
        int unknown = -1;
        long product = 1;
        for (int i = 0; i < to.length; i++) {
            if (to[i] == 0 && node.integer("allowzero", 0) == 0) {
                to[i] = from[i];
            }
            if (to[i] == -1) {
                unknown = i;
            } else {
                product *= to[i];
            }
        }
        long elements = TensorValue.elements(from);
        if (unknown >= 0) {
            to[unknown] = product == 0 ? 0 : elements / product;
            product *= to[unknown];
        }
        if (product != elements) {
            throw new IllegalArgumentException(Arrays.toString(from) + " cannot be reshaped to " + Arrays.toString(to));
        }
        c.set(node, 0, c.type(node, 0), to);
        c.integers(node, 0).ifPresent(values -> c.setConstant(node, values));
    }

    private static void transpose(Node node, ShapeContext c) {
        long[] shape = c.shape(node, 0);
        long[] reversed =
                LongStream.range(0, shape.length).map(i -> shape.length - 1 - i).toArray();
        c.set(
                node,
                0,
                c.type(node, 0),
                Arrays.stream(node.integers("perm", reversed))
                        .map(i -> shape[(int) i])
                        .toArray());
    }

    private static void squeeze(Node node, ShapeContext c) {
        long[] shape = c.shape(node, 0);
        Set<Integer> dropped = new TreeSet<>();
        long[] axes = node.attribute("axes").isPresent()
                ? node.integers("axes")
                : c.integers(node, 1).orElseGet(() -> LongStream.range(0, shape.length)
                        .filter(i -> shape[(int) i] == 1)
                        .toArray());
        for (long axis : axes) {
            dropped.add(axis(axis, shape.length));
        }
        List<Long> out = new ArrayList<>();
        for (int i = 0; i < shape.length; i++) {
            if (!dropped.contains(i)) {
                out.add(shape[i]);
            }
        }
        c.set(node, 0, c.type(node, 0), array(out));
        c.integers(node, 0).ifPresent(values -> c.setConstant(node, values));
    }

    private static void unsqueeze(Node node, ShapeContext c) {
        long[] axes = node.attribute("axes").isPresent() ? node.integers("axes") : c.knownIntegers(node, 1);
        List<Long> out = new ArrayList<>(Arrays.stream(c.shape(node, 0)).boxed().toList());
        int rank = out.size() + axes.length;
        Arrays.stream(axes).map(a -> axis(a, rank)).sorted().forEach(a -> out.add((int) a, 1L));
        c.set(node, 0, c.type(node, 0), array(out));
        c.integers(node, 0).ifPresent(values -> c.setConstant(node, values));
    }

    private static void concat(Node node, ShapeContext c) {
        long[] shape = c.shape(node, 0);
        int axis = axis(node.integer("axis", 0), shape.length);
        List<Long> values = new ArrayList<>();
        boolean known = true;
        for (int i = 0; i < node.inputs().size(); i++) {
            if (i > 0) {
                shape[axis] += c.shape(node, i)[axis];
            }
            known &= c.type(node, i) == ElementType.INT64 && c.integers(node, i).isPresent();
            if (known) {
                Arrays.stream(c.knownIntegers(node, i)).forEach(values::add);
            }
        }
        c.set(node, 0, c.type(node, 0), shape);
        if (known) {
            c.setConstant(node, array(values));
        }
    }

    private static void split(Node node, ShapeContext c) {
        long[] shape = c.shape(node, 0);
        int axis = axis(node.integer("axis", 0), shape.length);
        int parts = node.outputs().size();
        long each = -Math.floorDiv(-shape[axis], parts);
        long[] sizes = node.attribute("split").isPresent()
                ? node.integers("split")
                : c.integers(node, 1).orElseGet(() -> LongStream.range(0, parts)
                        .map(i -> Math.min(each, shape[axis] - i * each))
                        .toArray());
        for (int i = 0; i < parts; i++) {
            long[] part = shape.clone();
            part[axis] = sizes[i];
            c.set(node, i, c.type(node, 0), part);
        }
    }

    private static void slice(Node node, ShapeContext c) {
        long[] shape = c.shape(node, 0);
        long[] starts = node.attribute("starts").isPresent() ? node.integers("starts") : c.knownIntegers(node, 1);
        long[] ends = node.attribute("ends").isPresent() ? node.integers("ends") : c.knownIntegers(node, 2);
        long[] range = LongStream.range(0, starts.length).toArray();
        long[] axes = node.attribute("axes").isPresent()
                ? node.integers("axes")
                : c.integers(node, 3).orElse(range);
        long[] ones = new long[starts.length];
        Arrays.fill(ones, 1);
        long[] steps = c.integers(node, 4).orElse(ones);
        long[] values = c.integers(node, 0).orElse(null);
        for (int i = 0; i < starts.length; i++) {
            int axis = axis(axes[i], shape.length);
            long size = shape[axis];
            long low = steps[i] > 0 ? 0 : -1;
            long high = steps[i] > 0 ? size : size - 1;
            long start = Math.clamp(starts[i] < 0 ? starts[i] + size : starts[i], Math.min(low, 0) < 0 ? 0 : low, high);
            long end =
                    Math.clamp(ends[i] < 0 ? Math.max(ends[i] + size, -1) : ends[i], low, steps[i] > 0 ? size : high);
            long count = Math.max(0, -Math.floorDiv(-(end - start), steps[i]));
            shape[axis] = count;
            if (values != null && shape.length == 1) {
                long[] all = values;
                values = LongStream.range(0, count)
                        .map(k -> all[(int) (start + k * steps0(steps))])
                        .toArray();
            }
        }
        c.set(node, 0, c.type(node, 0), shape);
        if (values != null && shape.length == 1) {
            c.setConstant(node, values);
        }
    }

    private static long steps0(long[] steps) {
        return steps[0];
    }

    private static void gather(Node node, ShapeContext c) {
        long[] data = c.shape(node, 0);
        long[] indices = c.shape(node, 1);
        int axis = axis(node.integer("axis", 0), data.length);
        LongStream out = LongStream.concat(
                LongStream.concat(Arrays.stream(data, 0, axis), Arrays.stream(indices)),
                Arrays.stream(data, axis + 1, data.length));
        c.set(node, 0, c.type(node, 0), out.toArray());
        if (data.length == 1
                && c.integers(node, 0).isPresent()
                && c.integers(node, 1).isPresent()) {
            long[] values = c.knownIntegers(node, 0);
            c.setConstant(
                    node,
                    Arrays.stream(c.knownIntegers(node, 1))
                            .map(i -> values[(int) (i < 0 ? i + values.length : i)])
                            .toArray());
        }
    }

    private static void expand(Node node, ShapeContext c) {
        c.set(node, 0, c.type(node, 0), broadcast(c.shape(node, 0), c.knownIntegers(node, 1)));
    }

    private static void shapeOf(Node node, ShapeContext c) {
        long[] shape = c.shape(node, 0);
        int start = (int) node.integer("start", 0);
        int end = (int) node.integer("end", shape.length);
        long[] part =
                Arrays.copyOfRange(shape, start < 0 ? start + shape.length : start, end < 0 ? end + shape.length : end);
        c.set(node, 0, ElementType.INT64, part.length);
        c.setConstant(node, part);
    }

    private static void constant(Node node, ShapeContext c) {
        TensorValue value = node.tensor("value").orElse(null);
        if (value != null) {
            c.set(node, 0, value.type(), value.shape());
            if (value.type() == ElementType.INT64 || value.type() == ElementType.INT32) {
                c.setConstant(node, value.longs());
            }
        } else if (node.attribute("value_int").isPresent()) {
            c.set(node, 0, ElementType.INT64);
            c.setConstant(node, node.integer("value_int", 0));
        } else if (node.attribute("value_ints").isPresent()) {
            c.set(node, 0, ElementType.INT64, node.integers("value_ints").length);
            c.setConstant(node, node.integers("value_ints"));
        } else if (node.attribute("value_floats").isPresent()) {
            c.set(node, 0, ElementType.FLOAT, node.numbers("value_floats").length);
        } else {
            c.set(node, 0, ElementType.FLOAT);
        }
    }

    private static void cast(Node node, ShapeContext c) {
        c.set(node, 0, ElementType.ofCode((int) node.integer("to", 1)), c.shape(node, 0));
        if (c.type(node, 0) != ElementType.FLOAT) {
            c.integers(node, 0).ifPresent(values -> c.setConstant(node, values));
        }
    }

    private static void pad(Node node, ShapeContext c) {
        long[] shape = c.shape(node, 0);
        long[] pads = node.attribute("pads").isPresent() ? node.integers("pads") : c.knownIntegers(node, 1);
        for (int i = 0; i < shape.length; i++) {
            shape[i] += pads[i] + pads[i + shape.length];
        }
        c.set(node, 0, c.type(node, 0), shape);
    }

    private static void resize(Node node, ShapeContext c) {
        long[] shape = c.shape(node, 0);
        if (node.hasInput(3)) {
            c.set(node, 0, c.type(node, 0), c.knownIntegers(node, 3));
            return;
        }
        float[] scales = c.graph()
                .initializer(node.input(2))
                .orElseThrow(() -> new IllegalArgumentException("its scales are only known at run time"))
                .floats();
        for (int i = 0; i < shape.length; i++) {
            shape[i] = (long) Math.floor(shape[i] * scales[i]);
        }
        c.set(node, 0, c.type(node, 0), shape);
    }
}
