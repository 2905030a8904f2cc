package dev.limbeck.tensor;

import java.util.List;

/** Convolutions and their transposes. */
final class ConvolutionCases extends CaseFamily {

    @Override
    void define() {
        long[] image = {2, 4, 7, 6};
        add("Conv", image, g -> g.add(node("Conv", "x", weight("w", 6, 4, 3, 3), weight("b", 6))));
        add("Conv 1x1", image, g -> g.add(node("Conv", "x", weight("w", 6, 4, 1, 1))));
        add(
                "Conv depthwise stride 2",
                image,
                g -> g.add(node("Conv", "x", weight("w", 4, 1, 3, 3))
                        .withInteger("group", 4)
                        .withIntegers("strides", 2, 2)
                        .withIntegers("pads", 1, 1, 1, 1)));
        add(
                "Conv grouped dilated",
                image,
                g -> g.add(node("Conv", "x", weight("w", 6, 2, 3, 3), weight("b", 6))
                        .withInteger("group", 2)
                        .withIntegers("dilations", 2, 2)
                        .withIntegers("pads", 2, 2, 2, 2)));
        add(
                "Conv asymmetric pads",
                image,
                g -> g.add(node("Conv", "x", weight("w", 6, 4, 3, 3))
                        .withIntegers("pads", 0, 1, 2, 0)
                        .withIntegers("strides", 2, 1)));
        for (String mode : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
            add(
                    "Conv " + mode,
                    image,
                    g -> g.add(node("Conv", "x", weight("w", 6, 4, 3, 3))
                            .withText("auto_pad", mode)
                            .withIntegers("strides", 2, 2)));
        }
        add(
                "ConvTranspose",
                image,
                g -> g.add(node("ConvTranspose", "x", weight("w", 4, 3, 3, 3), weight("b", 6))
                        .withInteger("group", 2)
                        .withIntegers("strides", 2, 2)
                        .withIntegers("pads", 1, 1, 1, 1)
                        .withIntegers("output_padding", 1, 1)));
    }
}
