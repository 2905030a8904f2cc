package dev.limbeck.tensor;

import org.bytedeco.pytorch.global.torch;

/** Comparisons, logic, and the choice between two tensors. */
final class LogicOperators {

    private LogicOperators() {}

    static void register(Operators table) {
        table.add("Equal", c -> ArithmeticOperators.constant(torch::eq))
                .add("Less", c -> ArithmeticOperators.constant(torch::lt))
                .add("LessOrEqual", c -> ArithmeticOperators.constant(torch::le))
                .add("Greater", c -> ArithmeticOperators.constant(torch::gt))
                .add("GreaterOrEqual", c -> ArithmeticOperators.constant(torch::ge))
                .add("And", c -> ArithmeticOperators.constant(torch::logical_and))
                .add("Or", c -> ArithmeticOperators.constant(torch::logical_or))
                .add("Xor", c -> ArithmeticOperators.constant(torch::logical_xor))
                .add("Where", c -> f -> f.out(torch.where(f.in(0), f.in(1), f.in(2))));
        ActivationOperators.unary(table, "Not", torch::logical_not);
    }
}
