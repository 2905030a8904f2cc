package dev.limbeck.tensor;

import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Arithmetic of two tensors that broadcast, and plain functions of one. */
final class ArithmeticOperators {

    private ArithmeticOperators() {}

    static void register(Operators table) {
        table.add("Add", c -> trainable(c, torch::add))
                .add("Mul", c -> trainable(c, torch::mul))
                .add("Sub", c -> constant(torch::sub))
                .add("Div", ArithmeticOperators::divide)
                .add("Pow", ArithmeticOperators::power)
                .add("Min", c -> fold(torch::minimum))
                .add("Max", c -> fold(torch::maximum))
                .add("Sum", c -> fold(torch::add))
                .add("Where", c -> f -> f.out(torch.where(f.in(0), f.in(1), f.in(2))))
                .add("Equal", c -> f -> f.out(torch.eq(f.in(0), f.in(1))));
        ActivationOperators.unary(table, "Sqrt", torch::sqrt);
        ActivationOperators.unary(table, "Exp", torch::exp);
        ActivationOperators.unary(table, "Log", torch::log);
        ActivationOperators.unary(table, "Neg", torch::neg);
        ActivationOperators.unary(table, "Abs", torch::abs);
        ActivationOperators.unary(table, "Reciprocal", torch::reciprocal);
        ActivationOperators.unary(table, "Floor", torch::floor);
    }

    private static Operation trainable(NodeContext c, BinaryOperator<Tensor> function) {
        c.biasIfVector(0);
        c.biasIfVector(1);
        return constant(function);
    }

    private static Operation constant(BinaryOperator<Tensor> function) {
        return f -> f.out(function.apply(f.in(0), f.in(1)));
    }

    // Integers, as in computed shapes, divide towards zero.
    private static Operation divide(NodeContext c) {
        return f -> {
            Tensor a = f.in(0);
            Tensor b = f.in(1);
            if (Native.isFloat(a) || Native.isFloat(b)) {
                f.out(torch.div(a, b));
                return;
            }
            long[] quotient = Native.toLongs(torch.div(a, b));
            f.out(Native.longs(quotient, Native.shape(torch.add(a, b))));
        };
    }

    private static Operation power(NodeContext c) {
        if (c.initializer(1).filter(v -> v.size() == 1).isPresent()) {
            double exponent = c.number("exponent", 1, 1);
            return f -> f.out(torch.pow(f.in(0), new Scalar(exponent)));
        }
        return constant(torch::pow);
    }

    private static Operation fold(BinaryOperator<Tensor> function) {
        return f -> {
            Tensor result = new Tensor(f.in(0));
            for (int i = 1; i < f.inputCount(); i++) {
                result = function.apply(result, f.in(i));
            }
            f.out(result);
        };
    }
}
