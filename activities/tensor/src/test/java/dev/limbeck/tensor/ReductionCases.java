package dev.limbeck.tensor;

import dev.limbeck.graph.FloatTensor;
import java.util.List;

/** Reductions along axes. */
final class ReductionCases extends CaseFamily {

    private static final long[] IMAGE = {2, 3, 4, 3};

    @Override
    void define() {
        for (String op : List.of("Mean", "Sum", "Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSum", "LogSumExp")) {
            reduction("Reduce" + op);
        }
        positions();
    }

    private void reduction(String op) {
        FloatTensor x = Nets.normal(op.hashCode(), IMAGE);
        if (op.equals("ReduceLogSum")) {
            for (int i = 0; i < x.data().length; i++) {
                x.data()[i] = Math.abs(x.data()[i]) + 0.1f;
            }
        }
        int moved = op.equals("ReduceSum") ? 13 : 18;
        opsets(OLDEST, moved - 1);
        add(op + " axes as attribute", x, g -> g.add(node(op, "x").withIntegers("axes", 2, 3)));
        add(
                op + " axes as attribute, keepdims 0",
                x,
                g -> g.add(node(op, "x").withIntegers("axes", 1, 2).withInteger("keepdims", 0)));
        opsets(11, moved - 1);
        add(op + " negative axes as attribute", x, g -> g.add(node(op, "x").withIntegers("axes", -1, -3)));
        opsetsFrom(OLDEST);
        add(op, x, g -> g.add(op, "y", "x"));
        add(op + " keepdims 0", x, g -> g.add(node(op, "x").withInteger("keepdims", 0)));
        opsetsFrom(moved);
        add(op + " axes", x, g -> g.add(node(op, "x", longs("axes", 2, -1))));
        add(
                op + " axes, keepdims 0",
                x,
                g -> g.add(node(op, "x", longs("axes", 1)).withInteger("keepdims", 0)));
        add(op + " noop_with_empty_axes", x, g -> g.add(node(op, "x").withInteger("noop_with_empty_axes", 1)));
        add(op + " computed axes", x, g -> {
            String rank = then(node("Shape", then(node("Shape", "x"))));
            return g.add(node(op, "x", then(node("Sub", rank, longs("two", 2)))));
        });
    }

    private void positions() {
        smooth(false);
        differ(Case.Difference.NONE);
        // With ties, the first or the last counts.
        FloatTensor x = new FloatTensor(new float[] {1, 3, 3, 0, -1, -1, 2, 2, 1, 5, 4, 5}, 3, 4);
        for (String op : List.of("ArgMax", "ArgMin")) {
            opsetsFrom(OLDEST);
            add(op, x, g -> cast(then(node(op, "x"))));
            add(
                    op + " axis, keepdims 0",
                    x,
                    g -> cast(then(node(op, "x").withInteger("axis", 1).withInteger("keepdims", 0))));
            opsetsFrom(12);
            add(
                    op + " select_last_index",
                    x,
                    g -> cast(then(node(op, "x").withInteger("axis", -1).withInteger("select_last_index", 1))));
        }
    }
}
