package dev.limbeck.tensor;

import java.util.List;

/** One small graph for every operator and mode that the executor accepts. */
final class OperatorCases {

    private OperatorCases() {}

    static List<Case> all() {
        return families().stream().flatMap(f -> f.cases().stream()).toList();
    }

    private static List<CaseFamily> families() {
        return List.of(
                new ConvolutionCases(),
                new NormalizationCases(),
                new ActivationCases(),
                new PoolingCases(),
                new ReductionCases(),
                new ArithmeticCases(),
                new MatrixCases(),
                new RecurrentCases(),
                new ShapeCases(),
                new IndexingCases(),
                new ResizeCases(),
                new QuantizationCases());
    }
}
