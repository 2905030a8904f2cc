package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.List;

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
        add("Flatten axis 0", IMAGE, g -> g.add(node("Flatten", "x").withInteger("axis", 0)));
        opsetsFrom(11);
        add("Flatten negative axis", IMAGE, g -> g.add(node("Flatten", "x").withInteger("axis", -1)));
        opsetsFrom(OLDEST);
        add("Reshape", IMAGE, g -> g.add(node("Reshape", "x", longs("s", 0, -1, 5))));
        add("Reshape by computed shape", IMAGE, g -> {
            String batch = then(node("Gather", then(node("Shape", "x")), longs("zero", 0)));
            String target = then(node("Concat", batch, longs("rest", -1)).withInteger("axis", 0));
            return g.add(node("Reshape", "x", target));
        });
        opsetsFrom(14);
        smooth(false);
        add("Reshape allowzero", dims(2, 3), g -> {
            String none = then(node("Slice", "x", longs("from", 0), longs("to", 0)));
            String empty = then(node("Reshape", none, longs("s", 3, 0, 2)).withInteger("allowzero", 1));
            return cast(then(node("Shape", empty)));
        });
        smooth(true);
        opsetsFrom(OLDEST);
        add("Transpose", IMAGE, g -> g.add(node("Transpose", "x").withIntegers("perm", 0, 2, 3, 1)));
        add("Transpose reversed", IMAGE, g -> g.add("Transpose", "y", "x"));
        add("Expand", dims(3, 1), g -> g.add(node("Expand", "x", longs("s", 2, 1, 4))));
        add("Tile", dims(2, 3), g -> g.add(node("Tile", "x", longs("r", 2, 3))));
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
        add("Unsqueeze computed axes", dims(3, 2), g -> {
            String rank = then(node("Shape", then(node("Shape", "x"))));
            return g.add(node("Unsqueeze", "x", rank));
        });
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
        add("Cast to FLOAT", dims(3, 2), g -> g.add(node("Cast", "x").withInteger("to", ElementType.FLOAT.code())));
        filled("of zeros", null);
        filled("of FLOAT", TensorValue.ofFloats(new float[] {2}, 1));
        filled("of INT64", TensorValue.ofLongs(new long[] {-3}, 1));
        filled("of INT32", TensorValue.ofInts(new int[] {4}, 1));
        filled("of BOOL", TensorValue.ofBytes(ElementType.BOOL, new byte[] {1}, 1));
        smooth(false);
        add("Size", IMAGE, g -> cast(then(node("Size", "x"))));
        for (ElementType type : List.of(ElementType.INT64, ElementType.INT32, ElementType.BOOL)) {
            add("Cast to " + type, dims(40), g -> cast(cast(then(node("Mul", "x", number("three", 3))), type)));
        }
        ranges();
        smooth(true);
        constant("tensor", 9, node("Constant").withTensor("value", TensorValue.ofFloats(new float[] {2, 3}, 2)));
        constant("integers", 9, node("Constant").withTensor("value", TensorValue.ofLongs(new long[] {2, 3}, 2)));
        constant("value_float", 12, node("Constant").withNumber("value_float", 3));
        constant("value_int", 12, node("Constant").withInteger("value_int", 3));
        constant("value_ints", 12, node("Constant").withIntegers("value_ints", 3, 4));
    }

    private void filled(String name, TensorValue value) {
        add("ConstantOfShape " + name, dims(3, 2), g -> {
            Node filled = node("ConstantOfShape", then(node("Shape", "x")));
            return g.add(node("Add", "x", cast(then(value == null ? filled : filled.withTensor("value", value)))));
        });
    }

    private void constant(String name, int oldest, Node constant) {
        opsetsFrom(oldest);
        add("Constant " + name, dims(3, 2), g -> g.add(node("Mul", "x", cast(then(constant)))));
        opsetsFrom(OLDEST);
    }

    private void ranges() {
        opsetsFrom(11);
        add(
                "Range of integers",
                dims(1),
                g -> cast(then(node("Range", integer("from", 7), integer("to", -4), integer("by", -3)))));
        add(
                "Range of floats",
                dims(1),
                g -> g.add(node("Range", number("from", -1), number("to", 2), number("by", 0.5f))));
        add("Range over a dimension", dims(5, 2), g -> {
            String rows = then(node("Gather", then(node("Shape", "x")), integer("first", 0)));
            return cast(then(node("Range", integer("from", 0), rows, integer("by", 1))));
        });
        opsetsFrom(OLDEST);
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
