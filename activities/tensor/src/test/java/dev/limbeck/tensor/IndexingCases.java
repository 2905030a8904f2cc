package dev.limbeck.tensor;

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
        pad();
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
                "Slice from the end",
                IMAGE,
                g -> g.add(node("Slice", "x", longs("from", -3), longs("to", -1), longs("a", 1))));
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
        }
    }

    /** Puts the outputs of a split together in another order. */
    private static String parts(GraphEditor g, Node split, int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add("part" + i);
        }
        g.add(split.withOutputs(names));
        return g.add(node("Concat", names.reversed().toArray(String[]::new)).withInteger("axis", 1));
    }
}
