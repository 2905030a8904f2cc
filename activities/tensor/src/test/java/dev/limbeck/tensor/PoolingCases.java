package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.List;

/** Pooling. */
final class PoolingCases extends CaseFamily {

    private static final long[] IMAGE = {2, 3, 7, 6};
    private static final long[] LINE = {2, 3, 8};

    @Override
    void define() {
        for (String op : List.of("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")) {
            // ONNX Runtime has no GlobalLpPool of operator set 22.
            opsets(OLDEST, op.equals("GlobalLpPool") ? 21 : NEWEST);
            add(op, IMAGE, g -> g.add(op, "y", "x"));
            add(op + " 1-D", LINE, g -> g.add(op, "y", "x"));
            add(op + " 3-D", dims(1, 2, 3, 4, 2), g -> g.add(op, "y", "x"));
        }
        add("GlobalLpPool p 3", IMAGE, g -> g.add(node("GlobalLpPool", "x").withInteger("p", 3)));
        opsetsFrom(OLDEST);
        both("MaxPool");
        both("AveragePool");
        max();
        average();
    }

    private static Node window(String op) {
        return node(op, "x").withIntegers("kernel_shape", 3, 3).withIntegers("strides", 2, 2);
    }

    private static Node line(String op) {
        return node(op, "x").withIntegers("kernel_shape", 3).withIntegers("strides", 2);
    }

    private void both(String op) {
        add(op, IMAGE, g -> g.add(node(op, "x").withIntegers("kernel_shape", 2, 2)));
        add(op + " padded", IMAGE, g -> g.add(window(op).withIntegers("pads", 1, 1, 1, 1)));
        add(op + " asymmetric pads", IMAGE, g -> g.add(window(op).withIntegers("pads", 0, 1, 1, 0)));
        add(op + " pads above half the window", IMAGE, g -> g.add(window(op).withIntegers("pads", 2, 1, 2, 1)));
        for (String mode : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
            add(
                    op + " " + mode,
                    IMAGE,
                    g -> g.add(node(op, "x")
                            .withIntegers("kernel_shape", 3, 2)
                            .withIntegers("strides", 2, 1)
                            .withText("auto_pad", mode)));
        }
        add(op + " 1-D", LINE, g -> g.add(line(op).withIntegers("pads", 1, 1)));
        add(op + " 1-D asymmetric pads", LINE, g -> g.add(line(op).withIntegers("pads", 2, 0)));
        add(
                op + " 3-D",
                dims(1, 2, 4, 5, 4),
                g -> g.add(node(op, "x")
                        .withIntegers("kernel_shape", 2, 3, 2)
                        .withIntegers("strides", 2, 1, 2)
                        .withIntegers("pads", 1, 1, 0, 1, 1, 0)));
        opsetsFrom(10);
        add(op + " ceil_mode", dims(2, 3, 8, 6), g -> g.add(window(op).withInteger("ceil_mode", 1)));
        add(
                op + " ceil_mode, pads",
                IMAGE,
                g -> g.add(window(op)
                        .withIntegers("strides", 2, 3)
                        .withInteger("ceil_mode", 1)
                        .withIntegers("pads", 1, 0, 1, 1)));
        add(op + " 1-D ceil_mode", LINE, g -> g.add(line(op).withInteger("ceil_mode", 1)));
        opsetsFrom(OLDEST);
    }

    private void max() {
        opsetsFrom(10);
        add("MaxPool dilated", IMAGE, g -> g.add(window("MaxPool").withIntegers("dilations", 2, 1)));
        add(
                "MaxPool dilated, ceil_mode, asymmetric pads",
                IMAGE,
                g -> g.add(window("MaxPool")
                        .withIntegers("dilations", 1, 2)
                        .withIntegers("pads", 1, 0, 0, 1)
                        .withInteger("ceil_mode", 1)));
        opsetsFrom(OLDEST);
    }

    private void average() {
        add(
                "AveragePool count_include_pad",
                IMAGE,
                g -> g.add(counting(window("AveragePool")).withIntegers("pads", 1, 1, 1, 1)));
        add(
                "AveragePool count_include_pad, asymmetric pads",
                IMAGE,
                g -> g.add(counting(window("AveragePool")).withIntegers("pads", 1, 0, 0, 2)));
        add(
                "AveragePool count_include_pad, SAME_UPPER",
                IMAGE,
                g -> g.add(counting(window("AveragePool")).withText("auto_pad", "SAME_UPPER")));
        add(
                "AveragePool 1-D count_include_pad",
                LINE,
                g -> g.add(counting(line("AveragePool")).withIntegers("pads", 1, 1)));
        opsetsFrom(19);
        add(
                "AveragePool count_include_pad, ceil_mode",
                dims(2, 3, 8, 7),
                g -> g.add(counting(window("AveragePool"))
                        .withIntegers("pads", 1, 0, 0, 1)
                        .withInteger("ceil_mode", 1)));
        add("AveragePool dilated", IMAGE, g -> g.add(window("AveragePool").withIntegers("dilations", 2, 1)));
        add(
                "AveragePool dilated, pads",
                IMAGE,
                g -> g.add(window("AveragePool").withIntegers("dilations", 2, 2).withIntegers("pads", 1, 1, 1, 1)));
    }

    private static Node counting(Node pool) {
        return pool.withInteger("count_include_pad", 1);
    }
}
