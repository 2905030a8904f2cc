package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import java.util.ArrayList;
import java.util.List;

/** Taking tensors apart, and putting them together. */
final class IndexingCases extends CaseFamily {

    private static final long[] IMAGE = {2, 6, 4, 5};

    @Override
    void define() {
        differ(Case.Difference.NONE);
        concat();
        split();
        slice();
        gather();
        gatherElements();
        scatter();
        topK();
        oneHot();
        triangles();
        pad();
        differ(Case.Difference.HUNDRED_THOUSANDTH);
        cumulativeSums();
    }

    private void concat() {
        add(
                "Concat",
                IMAGE,
                g -> g.add(node("Concat", "x", weight("w", 2, 1, 4, 5), "x").withInteger("axis", 1)));
        opsetsFrom(11);
        add("Concat negative axis", IMAGE, g -> g.add(node("Concat", "x", "x").withInteger("axis", -1)));
    }

    private void split() {
        opsets(OLDEST, 12);
        add(
                "Split sizes as attribute",
                dims(2, 6),
                g -> parts(g, node("Split", "x").withInteger("axis", 1).withIntegers("split", 2, 4), 2));
        opsets(OLDEST, 17);
        add("Split evenly", IMAGE, g -> parts(g, node("Split", "x").withInteger("axis", 1), 3));
        opsetsFrom(18);
        add(
                "Split num_outputs",
                IMAGE,
                g -> parts(g, node("Split", "x").withInteger("axis", 3).withInteger("num_outputs", 3), 3));
        opsetsFrom(13);
        add(
                "Split sizes",
                IMAGE,
                g -> parts(g, node("Split", "x", longs("s", 1, 3, 2)).withInteger("axis", 1), 3));
    }

    private void slice() {
        opsets(9, 9);
        add(
                "Slice bounds as attributes",
                dims(2, 3, 4),
                g -> g.add(node("Slice", "x")
                        .withIntegers("starts", 1, -2)
                        .withIntegers("ends", 3, 9)
                        .withIntegers("axes", 1, 2)));
        opsetsFrom(10);
        add(
                "Slice",
                IMAGE,
                g -> g.add(node(
                        "Slice",
                        "x",
                        longs("from", 1, 0),
                        longs("to", 5, Long.MAX_VALUE),
                        longs("a", 1, -1),
                        longs("d", 2, 3))));
        add(
                "Slice backwards",
                IMAGE,
                g -> g.add(node(
                        "Slice",
                        "x",
                        longs("from", -1, 100),
                        longs("to", Long.MIN_VALUE, 1),
                        longs("a", 1, 3),
                        longs("d", -2, -1))));
        add("Slice computed bounds", IMAGE, g -> {
            String half = then(node("Div", then(node("Shape", "x")), longs("two", 2)));
            return g.add(node("Slice", "x", longs("from", 0, 0, 0, 0), half));
        });
        add(
                "Slice from the end",
                IMAGE,
                g -> g.add(node("Slice", "x", longs("from", -3), longs("to", -1), longs("a", 1))));
    }

    private void gatherElements() {
        add(
                "GatherElements",
                dims(2, 3),
                g -> g.add(node("GatherElements", "x", integers("i", dims(3, 3), 0, 1, 0, 1, 0, 1, 0, 0, 1))));
        add(
                "GatherElements axis, negative indices",
                dims(2, 3),
                g -> g.add(node("GatherElements", "x", integers("i", dims(2, 2), 0, -1, -2, 1))
                        .withInteger("axis", 1)));
        add("GatherND", dims(2, 3, 4), g -> g.add(node("GatherND", "x", integers("i", dims(2, 2), 0, 1, 1, -1))));
        add(
                "GatherND of elements",
                dims(2, 3),
                g -> g.add(node("GatherND", "x", integers("i", dims(2, 1, 2), 0, 1, 1, 2))));
        opsetsFrom(12);
        add(
                "GatherND batch_dims",
                dims(2, 3, 4),
                g -> g.add(node("GatherND", "x", integers("i", dims(2, 2, 1), 0, 2, 1, -3))
                        .withInteger("batch_dims", 1)));
    }

    private void scatter() {
        opsets(9, 10);
        add(
                "Scatter",
                dims(3, 3),
                g -> g.add(node("Scatter", "x", integers("i", dims(2, 3), 1, 0, 2, 0, 2, 1), values(2, 3))));
        opsetsFrom(11);
        add(
                "ScatterElements",
                dims(3, 3),
                g -> g.add(node("ScatterElements", "x", integers("i", dims(2, 3), 1, 0, 2, 0, 2, 1), values(2, 3))));
        add(
                "ScatterElements axis, negative indices",
                dims(2, 4),
                g -> g.add(node("ScatterElements", "x", integers("i", dims(2, 2), 1, -1, 0, -2), values(2, 2))
                        .withInteger("axis", 1)));
        add("ScatterND", dims(4, 3), g -> g.add(node("ScatterND", "x", integers("i", dims(2, 1), 2, 0), values(2, 3))));
        add(
                "ScatterND of elements",
                dims(4, 3),
                g -> g.add(node("ScatterND", "x", integers("i", dims(2, 2), 2, -1, 0, 1), values(2))));
        for (String reduction : List.of("add", "mul", "max", "min")) {
            opsetsFrom(reduction.startsWith("m") && !reduction.equals("mul") ? 18 : 16);
            differ(Case.Difference.HUNDRED_THOUSANDTH);
            add(
                    "ScatterElements " + reduction,
                    dims(3, 2),
                    g -> g.add(node("ScatterElements", "x", integers("i", dims(3, 2), 1, 0, 1, 0, 2, 1), values(3, 2))
                            .withText("reduction", reduction)));
            add(
                    "ScatterND " + reduction,
                    dims(4, 3),
                    g -> g.add(node("ScatterND", "x", integers("i", dims(3, 1), 2, 0, 2), values(3, 3))
                            .withText("reduction", reduction)));
            differ(Case.Difference.NONE);
        }
    }

    /** Computed numbers, so that the gradient goes through them too. */
    private String values(long... shape) {
        return then(
                node("Mul", weight("values", shape), then(node("ReduceMax", "x").withInteger("keepdims", 0))));
    }

    private void topK() {
        FloatTensor ties = new FloatTensor(new float[] {1, 3, 3, 0, -1, -1, 2, 2, 1, 5, 4, 5}, 3, 4);
        opsets(9, 9);
        add("TopK k as attribute", IMAGE, g -> first(node("TopK", "x").withInteger("k", 3)));
        opsetsFrom(10);
        add("TopK", IMAGE, g -> first(node("TopK", "x", longs("k", 3))));
        add("TopK axis", IMAGE, g -> first(node("TopK", "x", longs("k", 2)).withInteger("axis", 1)));
        opsetsFrom(11);
        add("TopK smallest", IMAGE, g -> first(node("TopK", "x", longs("k", 3)).withInteger("largest", 0)));
        smooth(false);
        for (int largest : new int[] {1, 0}) {
            add("TopK indices, ties", ties, g -> {
                Node node = node("TopK", "x", longs("k", 3)).withInteger("largest", largest);
                g.add(node.withOutputs(List.of("best", "where")));
                return cast("where");
            });
        }
        smooth(true);
    }

    private String first(Node topK) {
        return append(topK.withOutputs(List.of("y", "where")));
    }

    private void oneHot() {
        opsetsFrom(OLDEST);
        smooth(false);
        FloatTensor classes = new FloatTensor(new float[] {0, 2, 1, 3, 5, 1}, 2, 3);
        add(
                "OneHot",
                classes,
                g -> g.add(node("OneHot", cast("x", ElementType.INT64), integer("depth", 4), floats("v", -1, 2))));
        add(
                "OneHot axis",
                classes,
                g -> g.add(node("OneHot", cast("x", ElementType.INT64), longs("depth", 4), floats("v", 0, 1))
                        .withInteger("axis", 1)));
        opsetsFrom(11);
        add(
                "OneHot negative indices",
                new FloatTensor(new float[] {0, -2, -4, 3}, 4),
                g -> g.add(node("OneHot", cast("x", ElementType.INT64), integer("depth", 4), floats("v", 0, 1))));
        smooth(true);
    }

    private void cumulativeSums() {
        opsetsFrom(11);
        add("CumSum", IMAGE, g -> g.add(node("CumSum", "x", integer("axis", 1))));
        add("CumSum negative axis", IMAGE, g -> g.add(node("CumSum", "x", integer("axis", -1))));
        add(
                "CumSum exclusive",
                IMAGE,
                g -> g.add(node("CumSum", "x", integer("axis", 2)).withInteger("exclusive", 1)));
        add(
                "CumSum reverse",
                IMAGE,
                g -> g.add(node("CumSum", "x", integer("axis", 2)).withInteger("reverse", 1)));
        add(
                "CumSum exclusive, reverse",
                IMAGE,
                g -> g.add(node("CumSum", "x", integer("axis", 2))
                        .withInteger("exclusive", 1)
                        .withInteger("reverse", 1)));
    }

    private void triangles() {
        opsetsFrom(14);
        long[] square = {2, 4, 5};
        add("Trilu upper", square, g -> g.add("Trilu", "y", "x"));
        add("Trilu lower", square, g -> g.add(node("Trilu", "x").withInteger("upper", 0)));
        add("Trilu upper, k", square, g -> g.add(node("Trilu", "x", integer("k", 1))));
        add(
                "Trilu lower, negative k",
                square,
                g -> g.add(node("Trilu", "x", integer("k", -2)).withInteger("upper", 0)));
    }

    private void gather() {
        opsetsFrom(OLDEST);
        add("Gather", IMAGE, g -> g.add(node("Gather", "x", longs("i", 3, 1, 0)).withInteger("axis", 1)));
        add("Gather one", IMAGE, g -> g.add(node("Gather", "x", integer("i", 0)).withInteger("axis", 1)));
        add(
                "Gather from a table",
                dims(2, 3, 4),
                g -> g.add(node("Add", "x", g.add("Gather", "rows", weight("table", 5, 4), longs("i", 0, 2, 2)))));
        opsetsFrom(11);
        add(
                "Gather negative indices",
                IMAGE,
                g -> g.add(node("Gather", "x", longs("i", 3, -1, 0)).withInteger("axis", 1)));
    }

    private void pad() {
        opsets(9, 10);
        add(
                "Pad amounts as attribute",
                dims(2, 3, 4),
                g -> g.add(
                        node("Pad", "x").withIntegers("pads", 0, 1, 2, 0, 0, 1).withNumber("value", 0.5f)));
        opsetsFrom(11);
        add("Pad", IMAGE, g -> g.add(node("Pad", "x", longs("p", 0, 0, 1, 2, 0, 1, 0, 1), number("v", 0.5f))));
        for (String mode : List.of("reflect", "edge")) {
            add(
                    "Pad " + mode,
                    IMAGE,
                    g -> g.add(
                            node("Pad", "x", longs("p", 0, 0, 1, 2, 0, 0, 0, 1)).withText("mode", mode)));
            padded(mode);
        }
        add("Pad negative", IMAGE, g -> g.add(node("Pad", "x", longs("p", 0, -1, 1, 0, 0, -2, -1, 0))));
        add("Pad computed amounts", dims(2, 3), g -> {
            String amounts = then(node("Concat", then(node("Shape", "x")), longs("none", 0, 1))
                    .withInteger("axis", 0));
            return g.add(node("Pad", "x", amounts));
        });
        opsetsFrom(18);
        add("Pad axes", IMAGE, g -> g.add(node("Pad", "x", longs("p", 1, 2, 0, 1), number("v", 2), longs("a", -1, 1))));
        add(
                "Pad reflect, axes",
                IMAGE,
                g -> g.add(node("Pad", "x", longs("p", 1, 2, 0, 1), "", longs("a", -1, 2))
                        .withText("mode", "reflect")));
        opsetsFrom(19);
        add(
                "Pad wrap",
                IMAGE,
                g -> g.add(node("Pad", "x", longs("p", 0, 0, 1, 2, 0, 0, 0, 1)).withText("mode", "wrap")));
        padded("wrap");
    }

    private void padded(String mode) {
        add(
                "Pad " + mode + ", 1-D",
                dims(2, 3, 4),
                g -> g.add(node("Pad", "x", longs("p", 0, 0, 2, 0, 0, 1)).withText("mode", mode)));
        add(
                "Pad " + mode + ", channels",
                IMAGE,
                g -> g.add(node("Pad", "x", longs("p", 0, 2, 1, 0, 0, 1, 0, 0)).withText("mode", mode)));
    }

    /** Puts the outputs of a split together in another order. */
    private static String parts(GraphEditor g, Node split, int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add("part" + i);
        }
        g.add(split.withOutputs(names));
        return g.add(
                node("Concat", names.reversed().toArray(String[]::new)).withInteger("axis", split.integer("axis", 0)));
    }
}
