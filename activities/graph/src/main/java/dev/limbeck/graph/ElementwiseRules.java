package dev.limbeck.graph;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** Rules of operators that work element by element, with broadcasting where there are several inputs. */
final class ElementwiseRules {

    private static final Set<String> UNARY = Set.of(
            "Acos",
            "Acosh",
            "Asin",
            "Asinh",
            "Atan",
            "Atanh",
            "Celu",
            "Clip",
            "Cos",
            "Cosh",
            "CumSum",
            "Elu",
            "Erf",
            "Exp",
            "FastGelu",
            "Gelu",
            "GroupNormalization",
            "HardSigmoid",
            "HardSwish",
            "Hardmax",
            "InstanceNormalization",
            "LRN",
            "LeakyRelu",
            "Log",
            "LogSoftmax",
            "LpNormalization",
            "MeanVarianceNormalization",
            "Mish",
            "PRelu",
            "QuickGelu",
            "Reciprocal",
            "Relu",
            "Round",
            "Scatter",
            "ScatterElements",
            "ScatterND",
            "Selu",
            "Shrink",
            "Sigmoid",
            "Sign",
            "Sin",
            "Sinh",
            "Softmax",
            "Softplus",
            "Softsign",
            "Tan",
            "Tanh",
            "ThresholdedRelu",
            "Trilu");

    private ElementwiseRules() {}

    static void addTo(Map<String, ShapeRule> rules) {
        UNARY.forEach(name -> rules.put(name, ElementwiseRules::sameAsFirst));
        for (String name : new String[] {"Gelu", "FastGelu", "QuickGelu", "BiasGelu"}) {
            rules.put("com.microsoft." + name, ElementwiseRules::sameAsFirst);
        }
        rules.put("Identity", op -> unary(op, v -> v));
        rules.put("Neg", op -> unary(op, v -> -v));
        rules.put("Abs", op -> unary(op, Math::abs));
        rules.put("Floor", op -> unary(op, Math::floor));
        rules.put("Ceil", op -> unary(op, Math::ceil));
        rules.put("Sqrt", op -> unary(op, Math::sqrt));
        rules.put("Not", op -> unary(op, v -> v == 0 ? 1 : 0));
        rules.put("IsNaN", op -> op.output(0, ElementType.BOOL, op.shape(0)));
        rules.put("IsInf", op -> op.output(0, ElementType.BOOL, op.shape(0)));
        rules.put("Add", op -> binary(op, Double::sum));
        rules.put("Sub", op -> binary(op, (a, b) -> a - b));
        rules.put("Mul", op -> binary(op, (a, b) -> a * b));
        rules.put("Div", op -> binary(op, (a, b) -> a / b));
        rules.put("Pow", op -> binary(op, Math::pow));
        rules.put("Mod", ElementwiseRules::mod);
        rules.put("Min", op -> several(op, Math::min));
        rules.put("Max", op -> several(op, Math::max));
        rules.put("Sum", op -> several(op, Double::sum));
        rules.put("Mean", op -> several(op, null));
        for (String name : new String[] {"BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitShift"}) {
            rules.put(name, op -> binary(op, null));
        }
        rules.put("Equal", op -> comparison(op, (a, b) -> a == b ? 1 : 0));
        rules.put("Less", op -> comparison(op, (a, b) -> a < b ? 1 : 0));
        rules.put("LessOrEqual", op -> comparison(op, (a, b) -> a <= b ? 1 : 0));
        rules.put("Greater", op -> comparison(op, (a, b) -> a > b ? 1 : 0));
        rules.put("GreaterOrEqual", op -> comparison(op, (a, b) -> a >= b ? 1 : 0));
        rules.put("And", op -> comparison(op, (a, b) -> a * b));
        rules.put("Or", op -> comparison(op, Math::max));
        rules.put("Xor", op -> comparison(op, (a, b) -> a == b ? 0 : 1));
        rules.put("BatchNormalization", ElementwiseRules::batchNormalization);
        rules.put("Where", ElementwiseRules::where);
        rules.put("Dropout", ElementwiseRules::dropout);
        rules.put("LayerNormalization", ElementwiseRules::layerNormalization);
        rules.put("RMSNormalization", ElementwiseRules::sameAsFirst);
        rules.put("SimplifiedLayerNormalization", ElementwiseRules::sameAsFirst);
        rules.put("com.microsoft.SkipLayerNormalization", ElementwiseRules::sameAsFirst);
    }

    private static void sameAsFirst(OpContext op) {
        op.output(0, op.type(0), op.shape(0));
    }

    private static void unary(OpContext op, DoubleUnaryOperator function) {
        sameAsFirst(op);
        KnownValue value = op.known(0);
        op.value(0, value == null ? null : value.map(op.type(0), function));
    }

    private static void binary(OpContext op, DoubleBinaryOperator function) {
        combine(op, op.type(0), function);
    }

    private static void comparison(OpContext op, DoubleBinaryOperator function) {
        combine(op, ElementType.BOOL, function);
    }

    private static void mod(OpContext op) {
        boolean likeC = op.node().integer("fmod", 0) == 1;
        binary(op, (a, b) -> likeC ? a % b : a - Math.floor(a / b) * b);
    }

    private static void combine(OpContext op, ElementType type, DoubleBinaryOperator function) {
        long[] shape = broadcast(op, op.shape(0), op.shape(1));
        op.output(0, type, shape);
        KnownValue left = op.known(0);
        KnownValue right = op.known(1);
        if (function != null && left != null && right != null && TensorValue.elements(shape) <= KnownValue.LIMIT) {
            if (left.isInteger() && op.node().op().equals("Div") && contains(right, 0)) {
                throw op.fail("divides by zero");
            }
            op.value(0, left.combine(right, type, shape, function));
        }
    }

    private static boolean contains(KnownValue value, double wanted) {
        return Arrays.stream(value.values()).anyMatch(v -> v == wanted);
    }

    private static void several(OpContext op, DoubleBinaryOperator function) {
        long[] shape = op.shape(0);
        for (int i = 1; i < op.inputs(); i++) {
            shape = broadcast(op, shape, op.shape(i));
        }
        op.output(0, op.type(0), shape);
        KnownValue value = op.known(0);
        for (int i = 1; i < op.inputs() && value != null && function != null; i++) {
            KnownValue next = op.known(i);
            value = next == null || TensorValue.elements(shape) > KnownValue.LIMIT
                    ? null
                    : value.combine(next, op.type(0), shape, function);
        }
        op.value(0, function == null ? null : value);
    }

    private static void where(OpContext op) {
        long[] shape = broadcast(op, broadcast(op, op.shape(0), op.shape(1)), op.shape(2));
        op.output(0, op.type(1), shape);
        KnownValue condition = op.known(0);
        KnownValue yes = op.known(1);
        KnownValue no = op.known(2);
        if (condition != null && yes != null && no != null && TensorValue.elements(shape) <= KnownValue.LIMIT) {
            double[] chosen = condition.broadcast(shape).values();
            double[] left = yes.broadcast(shape).values();
            double[] right = no.broadcast(shape).values();
            double[] out = new double[chosen.length];
            Arrays.setAll(out, i -> chosen[i] != 0 ? left[i] : right[i]);
            op.value(0, new KnownValue(op.type(1), shape, out));
        }
    }

    private static void dropout(OpContext op) {
        unary(op, v -> v);
        op.output(1, ElementType.BOOL, op.shape(0));
    }

    private static void batchNormalization(OpContext op) {
        sameAsFirst(op);
        // In training mode: running mean and variance, in older versions also those of the batch.
        for (int i = 1; i < op.outputs(); i++) {
            op.output(i, op.type(i % 2 == 1 ? 3 : 4), op.shape(i % 2 == 1 ? 3 : 4));
        }
    }

    private static void layerNormalization(OpContext op) {
        sameAsFirst(op);
        long[] statistics = op.shape(0);
        for (int i = op.axis(op.node().integer("axis", -1), statistics.length); i < statistics.length; i++) {
            statistics[i] = 1;
        }
        op.output(1, ElementType.FLOAT, statistics);
        op.output(2, ElementType.FLOAT, statistics);
    }

    /** ONNX's multidirectional broadcasting: sizes are equal, or one is 1. */
    static long[] broadcast(OpContext op, long[] left, long[] right) {
        long[] out = new long[Math.max(left.length, right.length)];
        for (int i = 1; i <= out.length; i++) {
            long a = i <= left.length ? left[left.length - i] : 1;
            long b = i <= right.length ? right[right.length - i] : 1;
            if (a != b && a != 1 && b != 1) {
                throw op.mismatch();
            }
            out[out.length - i] = a == 1 ? b : a;
        }
        return out;
    }
}
