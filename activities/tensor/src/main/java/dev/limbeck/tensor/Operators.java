package dev.limbeck.tensor;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The operators that the executor runs, by ONNX's names; one class a family adds its own. */
final class Operators {

    private final Map<String, OperatorCompiler> compilers = new TreeMap<>();

    private Operators() {}

    static Operators all() {
        Operators table = new Operators();
        ConvolutionOperators.register(table);
        NormalizationOperators.register(table);
        ActivationOperators.register(table);
        PoolingOperators.register(table);
        ArithmeticOperators.register(table);
        LogicOperators.register(table);
        ReductionOperators.register(table);
        MatrixOperators.register(table);
        AttentionOperators.register(table);
        RecurrentOperators.register(table);
        ShapeOperators.register(table);
        IndexingOperators.register(table);
        GatherScatterOperators.register(table);
        PadOperators.register(table);
        ResizeOperators.register(table);
        QuantizationOperators.register(table);
        TrainingOperators.register(table);
        return table;
    }

    Operators add(String op, OperatorCompiler compiler) {
        compilers.put(op, compiler);
        return this;
    }

    OperatorCompiler get(String op) {
        return compilers.get(op);
    }

    /** Names of those that files may hold, in alphabetical order, for messages. */
    String names() {
        return compilers.keySet().stream()
                .filter(op -> !op.startsWith(TrainingOperators.DOMAIN))
                .collect(Collectors.joining(", "));
    }
}
