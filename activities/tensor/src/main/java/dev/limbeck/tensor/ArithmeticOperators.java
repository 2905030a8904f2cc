package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Arithmetic of tensors that broadcast, and plain functions of one. */
final class ArithmeticOperators {

    private ArithmeticOperators() {}

    static void register(Operators table) {
        table.add("Add", c -> trainable(c, torch::add))
                .add("Mul", c -> trainable(c, torch::mul))
                .add("Sub", c -> constant(torch::sub))
                .add("Div", c -> constant(ArithmeticOperators::quotient))
                .add("Mod", ArithmeticOperators::modulo)
                .add("Pow", ArithmeticOperators::power)
                .add("Min", c -> fold(torch::minimum))
                .add("Max", c -> fold(torch::maximum))
                .add("Sum", c -> fold(torch::add))
                .add("Mean", c -> mean());
        ActivationOperators.unary(table, "Sqrt", torch::sqrt);
        ActivationOperators.unary(table, "Exp", torch::exp);
        ActivationOperators.unary(table, "Log", torch::log);
        ActivationOperators.unary(table, "Sin", torch::sin);
        ActivationOperators.unary(table, "Cos", torch::cos);
        ActivationOperators.unary(table, "Neg", torch::neg);
        ActivationOperators.unary(table, "Abs", torch::abs);
        ActivationOperators.unary(table, "Sign", torch::sign);
        ActivationOperators.unary(table, "Reciprocal", torch::reciprocal);
        ActivationOperators.unary(table, "Floor", torch::floor);
        ActivationOperators.unary(table, "Ceil", torch::ceil);
        // Half to even, as libtorch rounds too.
        ActivationOperators.unary(table, "Round", torch::round);
    }

    private static Operation trainable(NodeContext c, BinaryOperator<Tensor> function) {
        c.biasIfVector(0);
        c.biasIfVector(1);
        return constant(function);
    }

    static Operation constant(BinaryOperator<Tensor> function) {
        return f -> f.out(function.apply(f.in(0), f.in(1)));
    }

    // Integers, as in computed shapes, divide towards zero.
    private static Tensor quotient(Tensor a, Tensor b) {
        if (Native.isFloat(a) || Native.isFloat(b)) {
            return torch.div(a, b);
        }
        return torch.floor_divide(a.sub(torch.fmod(a, b)), b);
    }

    // With fmod the result has the sign of the dividend, as in C; without, that of the divisor.
    private static Operation modulo(NodeContext c) {
        boolean likeC = c.node().integer("fmod", 0) == 1;
        return constant(likeC ? torch::fmod : torch::remainder);
    }

    // The result has the type of the base.
    private static Operation power(NodeContext c) {
        if (c.initializer(1).filter(v -> v.size() == 1).isPresent()) {
            double exponent = c.constant(1, "the exponent")
                    .map(v -> v.type() == ElementType.FLOAT ? (double) v.scalarFloat() : v.scalarLong())
                    .orElseThrow();
            boolean whole = exponent == Math.rint(exponent);
            return f -> {
                Tensor base = f.in(0);
                boolean integers = whole && !Native.isFloat(base);
                Scalar scalar = integers ? new Scalar((long) exponent) : new Scalar(exponent);
                f.out(likeBase(torch.pow(base, scalar), base));
            };
        }
        return constant((base, exponent) -> likeBase(torch.pow(base, exponent), base));
    }

    private static Tensor likeBase(Tensor power, Tensor base) {
        return Native.isFloat(power) == Native.isFloat(base) ? power : power.to(base.scalar_type());
    }

    private static Operation fold(BinaryOperator<Tensor> function) {
        return f -> f.out(folded(f, function));
    }

    private static Operation mean() {
        return f -> f.out(folded(f, torch::add).div(new Scalar((double) f.inputCount())));
    }

    private static Tensor folded(Frame f, BinaryOperator<Tensor> function) {
        Tensor result = new Tensor(f.in(0));
        for (int i = 1; i < f.inputCount(); i++) {
            result = function.apply(result, f.in(i));
        }
        return result;
    }
}
