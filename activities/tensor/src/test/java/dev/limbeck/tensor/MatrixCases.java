package dev.limbeck.tensor;

import java.util.List;

/** Products of matrices. */
final class MatrixCases extends CaseFamily {

    @Override
    void define() {
        add("Gemm", dims(3, 4), g -> g.add(node("Gemm", "x", weight("w", 4, 5), weight("b", 5))));
        add(
                "Gemm transposed",
                dims(3, 4),
                g -> g.add(node("Gemm", "x", weight("w", 5, 4), weight("b", 5)).withInteger("transB", 1)));
        add(
                "Gemm scaled",
                dims(4, 3),
                g -> g.add(node("Gemm", "x", weight("w", 4, 5), weight("b", 5))
                        .withInteger("transA", 1)
                        .withNumber("alpha", 0.5f)
                        .withNumber("beta", 2)));
        opsetsFrom(11);
        add(
                "Gemm without bias",
                dims(3, 4),
                g -> g.add(node("Gemm", "x", weight("w", 4, 5)).withNumber("alpha", 0.5f)));
        opsetsFrom(OLDEST);
        add("MatMul", dims(2, 3, 4), g -> g.add(node("MatMul", "x", weight("w", 4, 5))));
        add(
                "MatMul batched",
                dims(2, 3, 4),
                g -> g.add(node(
                        "MatMul",
                        "x",
                        g.add(node("Transpose", "x")
                                .withIntegers("perm", 0, 2, 1)
                                .withOutputs(List.of("t"))))));
    }
}
