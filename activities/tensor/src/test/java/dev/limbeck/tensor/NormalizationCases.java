package dev.limbeck.tensor;

/** Normalizations. */
final class NormalizationCases extends CaseFamily {

    private static final long[] IMAGE = {2, 4, 5, 3};

    @Override
    void define() {
        add("BatchNormalization", dims(3, 4, 5, 2), g -> Nets.batchNorm(g, random(), "x", 4));
        add("BatchNormalization of [n, c]", dims(5, 4), g -> Nets.batchNorm(g, random(), "x", 4));
        add("BatchNormalization 1-D", dims(3, 4, 5), g -> Nets.batchNorm(g, random(), "x", 4));
        add(
                "InstanceNormalization",
                IMAGE,
                g -> g.add(node("InstanceNormalization", "x", weight("s", 4), weight("b", 4))));
        add(
                "InstanceNormalization 1-D, epsilon",
                dims(2, 4, 6),
                g -> g.add(node("InstanceNormalization", "x", weight("s", 4), weight("b", 4))
                        .withNumber("epsilon", 0.1f)));
        add("LRN", dims(2, 6, 3, 4), g -> g.add(node("LRN", "x").withInteger("size", 3)));
        add(
                "LRN alpha, beta, bias",
                dims(2, 6, 3, 4),
                g -> g.add(node("LRN", "x")
                        .withInteger("size", 5)
                        .withNumber("alpha", 0.5f)
                        .withNumber("beta", 0.6f)
                        .withNumber("bias", 1.5f)));
        for (int p = 1; p <= 2; p++) {
            int norm = p;
            add(
                    "LpNormalization p " + p,
                    IMAGE,
                    g -> g.add(
                            node("LpNormalization", "x").withInteger("p", norm).withInteger("axis", 1)));
        }
        opsetsFrom(17);
        add(
                "LayerNormalization",
                dims(2, 5, 8),
                g -> g.add(node("LayerNormalization", "x", weight("s", 8), weight("b", 8))));
        add(
                "LayerNormalization axis, without bias",
                dims(2, 5, 8),
                g -> g.add(node("LayerNormalization", "x", weight("s", 5, 8)).withInteger("axis", 1)));
        opsets(18, 20);
        add(
                "GroupNormalization scale per group",
                IMAGE,
                g -> g.add(node("GroupNormalization", "x", weight("s", 2), weight("b", 2))
                        .withInteger("num_groups", 2)));
        opsetsFrom(21);
        add(
                "GroupNormalization",
                IMAGE,
                g -> g.add(node("GroupNormalization", "x", weight("s", 4), weight("b", 4))
                        .withInteger("num_groups", 2)));
        add(
                "GroupNormalization 1-D, epsilon",
                dims(2, 4, 6),
                g -> g.add(node("GroupNormalization", "x", weight("s", 4), weight("b", 4))
                        .withInteger("num_groups", 2)
                        .withNumber("epsilon", 0.1f)));
        opsetsFrom(23);
        add("RMSNormalization", dims(2, 5, 8), g -> g.add(node("RMSNormalization", "x", weight("s", 8))));
        add(
                "RMSNormalization axis",
                dims(2, 5, 8),
                g -> g.add(node("RMSNormalization", "x", weight("s", 5, 8)).withInteger("axis", 1)));
    }
}
