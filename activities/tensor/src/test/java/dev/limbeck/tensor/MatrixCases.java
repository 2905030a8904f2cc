package dev.limbeck.tensor;

/** Products of matrices. */
final class MatrixCases extends CaseFamily {

    @Override
    void define() {
        gemm();
        matMul();
        einsum();
        attention();
    }

    private void gemm() {
        add("Gemm", dims(3, 4), g -> g.add(node("Gemm", "x", weight("w", 4, 5), weight("b", 5))));
        add(
                "Gemm transB",
                dims(3, 4),
                g -> g.add(node("Gemm", "x", weight("w", 5, 4), weight("b", 5)).withInteger("transB", 1)));
        add(
                "Gemm transA, alpha, beta",
                dims(4, 3),
                g -> g.add(node("Gemm", "x", weight("w", 4, 5), weight("b", 5))
                        .withInteger("transA", 1)
                        .withNumber("alpha", 0.5f)
                        .withNumber("beta", 2)));
        add("Gemm bias per row", dims(3, 4), g -> g.add(node("Gemm", "x", weight("w", 4, 5), weight("b", 3, 1))));
        add("Gemm one bias", dims(3, 4), g -> g.add(node("Gemm", "x", weight("w", 4, 5), number("b", 2))));
        opsetsFrom(11);
        add(
                "Gemm without bias",
                dims(3, 4),
                g -> g.add(node("Gemm", "x", weight("w", 4, 5)).withNumber("alpha", 0.5f)));
        opsetsFrom(OLDEST);
    }

    private void matMul() {
        add("MatMul", dims(2, 3, 4), g -> g.add(node("MatMul", "x", weight("w", 4, 5))));
        add(
                "MatMul batched",
                dims(2, 3, 4),
                g -> g.add(node("MatMul", "x", then(node("Transpose", "x").withIntegers("perm", 0, 2, 1)))));
        add("MatMul broadcast", dims(2, 1, 3, 4), g -> g.add(node("MatMul", "x", weight("w", 5, 4, 2))));
        add("MatMul by a vector", dims(2, 3, 4), g -> g.add(node("MatMul", "x", weight("w", 4))));
        add("MatMul of a vector", dims(4), g -> g.add(node("MatMul", "x", weight("w", 2, 4, 3))));
        add("MatMul of vectors", dims(4), g -> g.add(node("MatMul", "x", weight("w", 4))));
    }

    private void einsum() {
        opsetsFrom(12);
        equation("ij,jk->ik", dims(3, 4), dims(4, 5));
        equation("bij, bjk -> bik", dims(2, 3, 4), dims(2, 4, 5));
        equation("bhqd,bhkd->bhqk", dims(2, 2, 3, 4), dims(2, 2, 5, 4));
        equation("ij,jk", dims(3, 4), dims(4, 5));
        equation("bi,bj->bij", dims(2, 3), dims(2, 4));
        equation("...ij,jk->...ik", dims(2, 3, 4), dims(4, 5));
        equation("b...i,...i->b...", dims(2, 3, 4), dims(3, 4));
        equation("...ij,...jk", dims(2, 3, 4), dims(2, 4, 5));
        add("Einsum ijk->kij", dims(2, 3, 4), g -> g.add(node("Einsum", "x").withText("equation", "ijk->kij")));
        add("Einsum ijk->j", dims(2, 3, 4), g -> g.add(node("Einsum", "x").withText("equation", "ijk->j")));
        add("Einsum ii->i", dims(3, 3), g -> g.add(node("Einsum", "x").withText("equation", "ii->i")));
        add("Einsum ii", dims(3, 3), g -> g.add(node("Einsum", "x").withText("equation", "ii")));
        add(
                "Einsum of three",
                dims(2, 3),
                g -> g.add(node("Einsum", "x", weight("w", 3, 4), weight("v", 4, 2))
                        .withText("equation", "ij,jk,kl->il")));
    }

    private void attention() {
        opsetsFrom(23);
        long[] heads = {2, 4, 3, 6};
        add("Attention", heads, g -> g.add(node("Attention", "x", weight("k", 2, 4, 5, 6), weight("v", 2, 4, 5, 2))));
        add(
                "Attention scale, is_causal",
                heads,
                g -> g.add(node("Attention", "x", weight("k", 2, 4, 3, 6), "x")
                        .withNumber("scale", 0.3f)
                        .withInteger("is_causal", 1)));
        add(
                "Attention mask of floats",
                heads,
                g -> g.add(
                        node("Attention", "x", weight("k", 2, 4, 5, 6), weight("v", 2, 4, 5, 2), weight("m", 3, 5))));
        add("Attention mask of booleans", heads, g -> {
            g.initializer("low", Nets.weights(random(), 1, 3, 5));
            String mask = then(node("Less", "low", number("most", 0.7f)));
            return g.add(node("Attention", "x", weight("k", 2, 4, 5, 6), weight("v", 2, 4, 5, 2), mask));
        });
        add(
                "Attention shared heads",
                heads,
                g -> g.add(node("Attention", "x", weight("k", 2, 2, 5, 6), weight("v", 2, 2, 5, 6))));
        add(
                "Attention of [n, items, heads * size]",
                dims(2, 3, 8),
                g -> g.add(node("Attention", "x", weight("k", 2, 5, 4), weight("v", 2, 5, 6))
                        .withInteger("q_num_heads", 4)
                        .withInteger("kv_num_heads", 2)));
    }

    private void equation(String equation, long[] left, long[] right) {
        add(
                "Einsum " + equation,
                left,
                g -> g.add(node("Einsum", "x", weight("w", right)).withText("equation", equation)));
    }
}
