package dev.limbeck.graph;

import java.util.Arrays;
import java.util.Map;

/** Rules of operators that make constants, and of those that look at shapes and types only. */
final class ConstantRules {

    private ConstantRules() {}

    static void addTo(Map<String, ShapeRule> rules) {
        rules.put("Constant", ConstantRules::constant);
        rules.put("ConstantOfShape", ConstantRules::constantOfShape);
        rules.put("Shape", ConstantRules::shape);
        rules.put("Size", ConstantRules::size);
        rules.put("Range", ConstantRules::range);
        rules.put("Cast", ConstantRules::cast);
        rules.put("CastLike", ConstantRules::castLike);
        rules.put("EyeLike", op -> op.output(0, requestedType(op, "dtype", op.type(0)), op.shape(0)));
        rules.put("RandomNormalLike", op -> op.output(0, requestedType(op, "dtype", op.type(0)), op.shape(0)));
        rules.put("RandomUniformLike", op -> op.output(0, requestedType(op, "dtype", op.type(0)), op.shape(0)));
    }

    private static void constant(OpContext op) {
        TensorValue tensor = Constants.value(op.node())
                .orElseThrow(() -> op.fail("holds no value that Limbeck reads (tensor, numbers or integers)"));
        op.output(0, tensor.type(), tensor.shape());
        KnownValue.of(tensor).ifPresent(value -> op.value(0, value));
    }

    private static void constantOfShape(OpContext op) {
        long[] shape = op.longs(0, "shape");
        TensorValue fill = op.node().tensor("value").orElseGet(() -> TensorValue.scalar(0));
        op.output(0, fill.type(), shape);
        if (TensorValue.elements(shape) <= KnownValue.LIMIT) {
            KnownValue.of(fill).ifPresent(value -> op.value(0, value.reshaped().broadcast(shape)));
        }
    }

    private static void shape(OpContext op) {
        long[] in = op.shape(0);
        int start = bound(op.node().integer("start", 0), in.length);
        int end = bound(op.node().integer("end", in.length), in.length);
        long[] chosen = Arrays.copyOfRange(in, start, Math.max(start, end));
        op.output(0, ElementType.INT64, chosen.length);
        op.value(0, KnownValue.ofLongs(chosen));
    }

    private static int bound(long given, int rank) {
        return (int) Math.max(0, Math.min(rank, given < 0 ? given + rank : given));
    }

    private static void size(OpContext op) {
        op.output(0, ElementType.INT64);
        op.value(0, KnownValue.ofLongs(TensorValue.elements(op.shape(0))).reshaped());
    }

    private static void range(OpContext op) {
        double start = op.doubles(0, "start")[0];
        double limit = op.doubles(1, "limit")[0];
        double delta = op.doubles(2, "delta")[0];
        long count = (long) Math.max(0, Math.ceil((limit - start) / delta));
        op.output(0, op.type(0), count);
        if (count <= KnownValue.LIMIT) {
            double[] values = new double[(int) count];
            Arrays.setAll(values, i -> start + i * delta);
            op.value(0, new KnownValue(op.type(0), new long[] {count}, values));
        }
    }

    private static ElementType requestedType(OpContext op, String attribute, ElementType fallback) {
        long code = op.node().integer(attribute, 0);
        return code == 0 ? fallback : ElementType.ofCode((int) code);
    }

    private static void cast(OpContext op) {
        converted(op, requestedType(op, "to", ElementType.OTHER));
    }

    private static void castLike(OpContext op) {
        converted(op, op.type(1));
    }

    private static void converted(OpContext op, ElementType type) {
        op.output(0, type, op.shape(0));
        KnownValue value = op.known(0);
        boolean number = type != ElementType.STRING && type != ElementType.OTHER;
        op.value(0, value == null || !number ? null : value.map(type, v -> v));
    }
}
