package dev.limbeck.tensor;

/** Normalizations. */
final class NormalizationCases extends CaseFamily {

    @Override
    void define() {
        add("BatchNormalization", dims(3, 4, 5, 2), g -> Nets.batchNorm(g, random(), "x", 4));
        add("BatchNormalization of two dimensions", dims(5, 4), g -> Nets.batchNorm(g, random(), "x", 4));
        opsetsFrom(17);
        add(
                "LayerNormalization",
                dims(2, 5, 8),
                g -> g.add(node("LayerNormalization", "x", weight("s", 8), weight("b", 8))));
        add(
                "LayerNormalization axis 1",
                dims(2, 5, 8),
                g -> g.add(node("LayerNormalization", "x", weight("s", 5, 8)).withInteger("axis", 1)));
        opsetsFrom(OLDEST);
        add(
                "InstanceNormalization",
                dims(2, 4, 5, 3),
                g -> g.add(node("InstanceNormalization", "x", weight("s", 4), weight("b", 4))));
    }
}
