package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.List;

/** Convolutions and their transposes. */
final class ConvolutionCases extends CaseFamily {

    private static final long[] IMAGE = {2, 4, 7, 6};
    private static final long[] LINE = {2, 4, 9};

    @Override
    void define() {
        convolutions();
        lines();
        transposed();
        transposedSizes();
    }

    private Node conv(long... weight) {
        return node("Conv", "x", weight("w", weight), weight("b", weight[0]));
    }

    private void convolutions() {
        add("Conv", IMAGE, g -> g.add(conv(6, 4, 3, 3)));
        add("Conv 1x1 without bias", IMAGE, g -> g.add(node("Conv", "x", weight("w", 6, 4, 1, 1))));
        add(
                "Conv depthwise, stride 2",
                IMAGE,
                g -> g.add(node("Conv", "x", weight("w", 4, 1, 3, 3))
                        .withInteger("group", 4)
                        .withIntegers("strides", 2, 2)
                        .withIntegers("pads", 1, 1, 1, 1)));
        add(
                "Conv grouped, dilated",
                IMAGE,
                g -> g.add(conv(6, 2, 3, 3)
                        .withInteger("group", 2)
                        .withIntegers("dilations", 2, 2)
                        .withIntegers("pads", 2, 2, 2, 2)));
        add(
                "Conv asymmetric pads",
                IMAGE,
                g -> g.add(conv(6, 4, 3, 3).withIntegers("pads", 0, 1, 2, 0).withIntegers("strides", 2, 1)));
        for (String mode : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
            add(
                    "Conv " + mode,
                    IMAGE,
                    g -> g.add(conv(6, 4, 3, 4).withText("auto_pad", mode).withIntegers("strides", 2, 2)));
        }
        add("Conv computed weight", IMAGE, g -> {
            String w = then(node("Mul", weight("w", 6, 4, 3, 3), number("two", 2)));
            return g.add(node("Conv", "x", w).withText("auto_pad", "SAME_UPPER"));
        });
    }

    private void lines() {
        add("Conv 1-D", LINE, g -> g.add(conv(6, 4, 3)));
        add(
                "Conv 1-D grouped, dilated, stride 2",
                LINE,
                g -> g.add(conv(6, 2, 3)
                        .withInteger("group", 2)
                        .withIntegers("dilations", 2)
                        .withIntegers("strides", 2)
                        .withIntegers("pads", 2, 2)));
        add("Conv 1-D causal pads", LINE, g -> g.add(conv(6, 4, 3).withIntegers("pads", 2, 0)));
        add(
                "Conv 1-D SAME_UPPER",
                LINE,
                g -> g.add(conv(6, 4, 4).withText("auto_pad", "SAME_UPPER").withIntegers("strides", 2)));
        add("Conv 3-D", dims(1, 2, 4, 5, 4), g -> g.add(conv(3, 2, 2, 3, 2).withIntegers("pads", 1, 0, 1, 0, 1, 1)));
    }

    private Node transpose(long groups, long... weight) {
        return node("ConvTranspose", "x", weight("w", weight), weight("b", weight[1] * groups))
                .withInteger("group", groups);
    }

    private void transposed() {
        add("ConvTranspose", IMAGE, g -> g.add(transpose(1, 4, 3, 3, 3)));
        add(
                "ConvTranspose without bias",
                IMAGE,
                g -> g.add(node("ConvTranspose", "x", weight("w", 4, 3, 2, 2)).withIntegers("strides", 2, 2)));
        add(
                "ConvTranspose grouped, pads, output_padding",
                IMAGE,
                g -> g.add(transpose(2, 4, 3, 3, 3)
                        .withIntegers("strides", 2, 2)
                        .withIntegers("pads", 1, 1, 1, 1)
                        .withIntegers("output_padding", 1, 1)));
        add(
                "ConvTranspose dilated",
                IMAGE,
                g -> g.add(
                        transpose(1, 4, 3, 3, 3).withIntegers("dilations", 2, 1).withIntegers("strides", 1, 2)));
        add(
                "ConvTranspose asymmetric pads",
                IMAGE,
                g -> g.add(transpose(1, 4, 3, 3, 3)
                        .withIntegers("strides", 2, 2)
                        .withIntegers("pads", 0, 1, 2, 0)
                        .withIntegers("output_padding", 1, 0)));
        add(
                "ConvTranspose 1-D",
                LINE,
                g -> g.add(transpose(2, 4, 3, 4).withIntegers("strides", 2).withIntegers("pads", 1, 1)));
        add(
                "ConvTranspose 3-D",
                dims(1, 2, 3, 2, 3),
                g -> g.add(transpose(1, 2, 3, 2, 2, 2).withIntegers("strides", 2, 1, 2)));
    }

    private void transposedSizes() {
        for (String mode : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
            add(
                    "ConvTranspose " + mode,
                    IMAGE,
                    g -> g.add(
                            transpose(1, 4, 3, 3, 4).withText("auto_pad", mode).withIntegers("strides", 2, 2)));
        }
        add(
                "ConvTranspose SAME_UPPER, stride above the kernel",
                IMAGE,
                g -> g.add(transpose(1, 4, 3, 2, 2)
                        .withText("auto_pad", "SAME_UPPER")
                        .withIntegers("strides", 3, 3)));
        add(
                "ConvTranspose output_shape above the full size",
                IMAGE,
                g -> g.add(transpose(1, 4, 3, 2, 2)
                        .withIntegers("output_shape", 21, 18)
                        .withIntegers("strides", 3, 3)));
        for (String mode : List.of("NOTSET", "SAME_UPPER", "SAME_LOWER")) {
            add(
                    "ConvTranspose output_shape" + (mode.equals("NOTSET") ? "" : ", " + mode),
                    IMAGE,
                    g -> g.add(transpose(1, 4, 3, 3, 4)
                            .withText("auto_pad", mode)
                            .withIntegers("strides", 2, 2)
                            .withIntegers("output_shape", 12, 13)));
        }
        add(
                "ConvTranspose 1-D output_shape",
                LINE,
                g -> g.add(transpose(1, 4, 3, 4).withIntegers("strides", 2).withIntegers("output_shape", 17)));
    }
}
