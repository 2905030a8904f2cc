package dev.limbeck.graph;

import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

/** Rules of reductions along axes. */
final class ReductionRules {

    private ReductionRules() {}

    static void addTo(Map<String, ShapeRule> rules) {
        for (String name : new String[] {"L1", "L2", "LogSum", "LogSumExp", "Mean", "SumSquare"}) {
            rules.put("Reduce" + name, op -> reduce(op, null));
        }
        rules.put("ReduceSum", op -> reduce(op, Double::sum));
        rules.put("ReduceProd", op -> reduce(op, (a, b) -> a * b));
        rules.put("ReduceMin", op -> reduce(op, Math::min));
        rules.put("ReduceMax", op -> reduce(op, Math::max));
        rules.put("ArgMax", ReductionRules::position);
        rules.put("ArgMin", ReductionRules::position);
    }

    private static void reduce(OpContext op, DoubleBinaryOperator function) {
        long[] in = op.shape(0);
        boolean keep = op.node().integer("keepdims", 1) != 0;
        long[] axes = op.attributeOrInput("axes", 1);
        if ((axes == null || axes.length == 0) && op.node().integer("noop_with_empty_axes", 0) != 0) {
            op.output(0, op.type(0), in);
            return;
        }
        boolean[] reduced = new boolean[in.length];
        if (axes == null || axes.length == 0) {
            Arrays.fill(reduced, true);
        } else {
            for (long axis : axes) {
                reduced[op.axis(axis, in.length)] = true;
            }
        }
        long[] out = IntStream.range(0, in.length)
                .filter(i -> keep || !reduced[i])
                .mapToLong(i -> reduced[i] ? 1 : in[i])
                .toArray();
        op.output(0, op.type(0), out);
        KnownValue value = op.known(0);
        if (value != null && function != null && value.values().length > 0 && TensorValue.elements(out) == 1) {
            double result = Arrays.stream(value.values()).reduce(function).orElseThrow();
            op.value(0, new KnownValue(value.type(), out, new double[] {result}));
        }
    }

    private static void position(OpContext op) {
        long[] in = op.shape(0);
        int axis = op.axis(op.node().integer("axis", 0), in.length);
        boolean keep = op.node().integer("keepdims", 1) != 0;
        op.output(
                0,
                ElementType.INT64,
                IntStream.range(0, in.length)
                        .filter(i -> keep || i != axis)
                        .mapToLong(i -> i == axis ? 1 : in[i])
                        .toArray());
    }
}
