package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.TensorValue;

/** Shapes, changed and computed. */
final class ShapeCases extends CaseFamily {

    private static final long[] IMAGE = {2, 3, 4, 5};

    @Override
    void define() {
        differ(Case.Difference.NONE);
        reshape();
        axes();
        constants();
        blocks();
    }

    private void reshape() {
        add("Flatten", IMAGE, g -> g.add("Flatten", "y", "x"));
        add("Flatten axis", IMAGE, g -> g.add(node("Flatten", "x").withInteger("axis", 2)));
        add("Reshape", IMAGE, g -> g.add(node("Reshape", "x", longs("s", 0, -1, 5))));
        add("Reshape by computed shape", IMAGE, g -> {
            String batch = then(node("Gather", then(node("Shape", "x")), longs("zero", 0)));
            String target = then(node("Concat", batch, longs("rest", -1)).withInteger("axis", 0));
            return g.add(node("Reshape", "x", target));
        });
        add("Transpose", IMAGE, g -> g.add(node("Transpose", "x").withIntegers("perm", 0, 2, 3, 1)));
        add("Transpose reversed", IMAGE, g -> g.add("Transpose", "y", "x"));
        add("Expand", dims(3, 1), g -> g.add(node("Expand", "x", longs("s", 2, 1, 4))));
        differ(Case.Difference.HUNDRED_THOUSANDTH);
        add("Flatten after Conv", IMAGE, g -> g.add(node("Flatten", then(node("Conv", "x", weight("w", 3, 3, 1, 1))))));
        differ(Case.Difference.NONE);
    }

    private void axes() {
        long[] thin = {1, 3, 1, 2};
        add("Squeeze", thin, g -> g.add("Squeeze", "y", "x"));
        opsets(OLDEST, 12);
        add("Squeeze axes as attribute", thin, g -> g.add(node("Squeeze", "x").withIntegers("axes", 0, 2)));
        add(
                "Unsqueeze axes as attribute",
                dims(3, 2),
                g -> g.add(node("Unsqueeze", "x").withIntegers("axes", 0, 3)));
        opsetsFrom(13);
        add("Squeeze axes", thin, g -> g.add(node("Squeeze", "x", longs("a", -2))));
        add("Unsqueeze", dims(3, 2), g -> g.add(node("Unsqueeze", "x", longs("a", -1, 0))));
        opsetsFrom(OLDEST);
    }

    private void constants() {
        smooth(false);
        add("Shape", IMAGE, g -> cast(then(node("Shape", "x"))));
        opsetsFrom(15);
        add(
                "Shape start, end",
                IMAGE,
                g -> cast(then(node("Shape", "x").withInteger("start", 1).withInteger("end", -1))));
        add("Shape start beyond", IMAGE, g -> cast(then(node("Shape", "x").withInteger("start", -9))));
        opsetsFrom(OLDEST);
        smooth(true);
        add("Cast", dims(3, 2), g -> g.add(node("Cast", "x").withInteger("to", ElementType.FLOAT.code())));
        add("ConstantOfShape", dims(3, 2), g -> {
            String two = then(node("ConstantOfShape", then(node("Shape", "x")))
                    .withTensor("value", TensorValue.ofFloats(new float[] {2}, 1)));
            return g.add(node("Add", "x", two));
        });
    }

    private void blocks() {
        long[] deep = {2, 12, 3, 2};
        add("DepthToSpace", deep, g -> g.add(node("DepthToSpace", "x").withInteger("blocksize", 2)));
        add(
                "SpaceToDepth",
                dims(2, 3, 4, 6),
                g -> g.add(node("SpaceToDepth", "x").withInteger("blocksize", 2)));
        opsetsFrom(11);
        for (String mode : new String[] {"DCR", "CRD"}) {
            add(
                    "DepthToSpace " + mode,
                    deep,
                    g -> g.add(node("DepthToSpace", "x")
                            .withInteger("blocksize", 2)
                            .withText("mode", mode)));
        }
    }
}
