package dev.limbeck.tensor;

import dev.limbeck.graph.Node;

/** Pooling. */
final class PoolingCases extends CaseFamily {

    @Override
    void define() {
        long[] image = {2, 3, 7, 6};
        add("GlobalAveragePool", image, g -> g.add("GlobalAveragePool", "y", "x"));
        add("GlobalMaxPool", image, g -> g.add("GlobalMaxPool", "y", "x"));
        add("MaxPool", image, g -> g.add(node("MaxPool", "x").withIntegers("kernel_shape", 2, 2)));
        add("MaxPool padded", image, g -> g.add(window("MaxPool").withIntegers("pads", 1, 1, 1, 1)));
        opsetsFrom(10);
        add("MaxPool ceil", image, g -> g.add(window("MaxPool").withInteger("ceil_mode", 1)));
        opsetsFrom(OLDEST);
        add("MaxPool asymmetric", image, g -> g.add(window("MaxPool").withIntegers("pads", 0, 1, 1, 0)));
        add("MaxPool SAME_UPPER", image, g -> g.add(window("MaxPool").withText("auto_pad", "SAME_UPPER")));
        add("AveragePool", image, g -> g.add(window("AveragePool")));
        opsetsFrom(10);
        add("AveragePool ceil", image, g -> g.add(window("AveragePool").withInteger("ceil_mode", 1)));
        opsetsFrom(OLDEST);
        add("AveragePool padded", image, g -> g.add(window("AveragePool").withIntegers("pads", 1, 1, 1, 1)));
        add(
                "AveragePool counting pads",
                image,
                g -> g.add(
                        window("AveragePool").withIntegers("pads", 1, 1, 1, 1).withInteger("count_include_pad", 1)));
    }

    private static Node window(String op) {
        return node(op, "x").withIntegers("kernel_shape", 3, 3).withIntegers("strides", 2, 2);
    }
}
