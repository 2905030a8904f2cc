package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import java.util.List;

/** Resizing. */
final class ResizeCases extends CaseFamily {

    private static final long[] IMAGE = {2, 3, 7, 9};

    @Override
    void define() {
        opsetsFrom(11);
        for (float scale : new float[] {0.34f, 0.6f, 1.5f, 2, 2.7f}) {
            for (String coordinates : List.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")) {
                scaled(scale, "linear", coordinates);
                scaled(scale, "cubic", coordinates);
                for (String rounding : List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")) {
                    nearest(scale, coordinates, rounding);
                }
            }
        }
        opsets(11, 12);
        nearest(1.5f, "tf_half_pixel_for_nn", "floor");
        opsetsFrom(19);
        for (float scale : new float[] {0.6f, 1.5f, 2.7f}) {
            scaled(scale, "linear", "half_pixel_symmetric");
            scaled(scale, "cubic", "half_pixel_symmetric");
        }
        sizes();
        filters();
        ranks();
        early();
        grids();
    }

    private void grids() {
        for (String mode : List.of("linear", "nearest", "cubic")) {
            for (String padding : List.of("zeros", "border", "reflection")) {
                for (int align = 0; align <= 1; align++) {
                    int corners = align;
                    String name = "GridSample " + mode + ", " + padding + (align == 1 ? ", align_corners" : "");
                    opsetsFrom(20);
                    add(name, IMAGE, g -> sampled(mode, padding, corners));
                    opsets(16, 19);
                    add(name, IMAGE, g -> sampled(mode.equals("nearest") ? mode : "bi" + mode, padding, corners));
                }
            }
        }
    }

    private String sampled(String mode, String padding, int align) {
        return append(node("GridSample", "x", weight("grid", 2, 4, 5, 2))
                .withText("mode", mode)
                .withText("padding_mode", padding)
                .withInteger("align_corners", align));
    }

    private Node resize(float... scales) {
        return node("Resize", "x", floats("roi"), floats("scales", scales));
    }

    private void scaled(float scale, String mode, String coordinates) {
        add(
                "Resize " + mode + ", " + coordinates,
                IMAGE,
                g -> g.add(resize(1, 1, scale, scale * 1.1f)
                        .withText("mode", mode)
                        .withText("coordinate_transformation_mode", coordinates)));
    }

    private void nearest(float scale, String coordinates, String rounding) {
        smooth(scale == 1.5f);
        differ(Case.Difference.NONE);
        add(
                "Resize nearest, " + coordinates + ", " + rounding,
                IMAGE,
                g -> g.add(resize(1, 1, scale, scale * 1.1f)
                        .withText("coordinate_transformation_mode", coordinates)
                        .withText("nearest_mode", rounding)));
        differ(Case.Difference.HUNDRED_THOUSANDTH);
        smooth(true);
    }

    private void sizes() {
        for (String mode : List.of("linear", "cubic", "nearest")) {
            opsetsFrom(11);
            add(
                    "Resize " + mode + ", sizes",
                    IMAGE,
                    g -> g.add(node("Resize", "x", floats("roi"), floats("scales"), longs("sizes", 2, 3, 10, 5))
                            .withText("mode", mode)));
            opsetsFrom(18);
            add(
                    "Resize " + mode + ", sizes, axes",
                    IMAGE,
                    g -> g.add(node("Resize", "x", "", "", longs("sizes", 10, 5))
                            .withIntegers("axes", 2, 3)
                            .withText("mode", mode)));
            for (String policy : List.of("not_larger", "not_smaller")) {
                add(
                        "Resize " + mode + ", sizes, " + policy,
                        IMAGE,
                        g -> g.add(node("Resize", "x", "", "", longs("sizes", 12, 12))
                                .withIntegers("axes", 2, 3)
                                .withText("keep_aspect_ratio_policy", policy)
                                .withText("mode", mode)));
            }
        }
        opsetsFrom(11);
        add("Resize linear, computed sizes", IMAGE, g -> {
            String twice = then(node("Mul", then(node("Shape", "x")), longs("twice", 1, 1, 2, 2)));
            return g.add(
                    node("Resize", "x", floats("roi"), floats("scales"), twice).withText("mode", "linear"));
        });
    }

    private void filters() {
        add(
                "Resize cubic, cubic_coeff_a",
                IMAGE,
                g -> g.add(resize(1, 1, 1.5f, 0.7f).withText("mode", "cubic").withNumber("cubic_coeff_a", -0.5f)));
        add(
                "Resize cubic, exclude_outside",
                IMAGE,
                g -> g.add(resize(1, 1, 1.5f, 0.7f).withText("mode", "cubic").withInteger("exclude_outside", 1)));
        opsetsFrom(18);
        for (String mode : List.of("linear", "cubic")) {
            for (float scale : new float[] {0.34f, 0.6f, 1.5f}) {
                add(
                        "Resize " + mode + ", antialias",
                        IMAGE,
                        g -> g.add(
                                resize(1, 1, scale, 0.8f).withText("mode", mode).withInteger("antialias", 1)));
            }
            add(
                    "Resize " + mode + ", antialias, exclude_outside",
                    IMAGE,
                    g -> g.add(resize(1, 1, 0.5f, 0.8f)
                            .withText("mode", mode)
                            .withInteger("exclude_outside", 1)
                            .withInteger("antialias", 1)));
        }
        opsetsFrom(11);
    }

    private void ranks() {
        add("Resize nearest, 1-D", dims(2, 3, 7), g -> g.add(resize(1, 1, 1.7f)));
        add("Resize linear, 1-D", dims(2, 3, 7), g -> g.add(resize(1, 1, 1.7f).withText("mode", "linear")));
        add("Resize nearest, 3-D", dims(1, 2, 3, 4, 3), g -> g.add(resize(1, 1, 2, 1.5f, 2)));
        add(
                "Resize linear, 3-D",
                dims(1, 2, 3, 4, 3),
                g -> g.add(resize(1, 1, 2, 1.5f, 2).withText("mode", "linear")));
        add(
                "Resize linear, to one element",
                IMAGE,
                g -> g.add(resize(1, 1, 0.15f, 0.2f)
                        .withText("coordinate_transformation_mode", "pytorch_half_pixel")
                        .withText("mode", "linear")));
    }

    private void early() {
        for (float scale : new float[] {0.6f, 1.5f, 2}) {
            for (String mode : List.of("nearest", "linear")) {
                opsets(10, 10);
                add(
                        "Resize " + mode + " of operator set 10",
                        IMAGE,
                        g -> g.add(node("Resize", "x", floats("scales", 1, 1, scale, scale * 1.1f))
                                .withText("mode", mode)));
                opsets(9, 9);
                if (scale > 1) {
                    add(
                            "Upsample " + mode,
                            IMAGE,
                            g -> g.add(node("Upsample", "x", floats("scales", 1, 1, scale, scale * 1.1f))
                                    .withText("mode", mode)));
                }
            }
        }
    }
}
