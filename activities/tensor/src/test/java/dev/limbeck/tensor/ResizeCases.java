package dev.limbeck.tensor;

import dev.limbeck.graph.TensorValue;
import java.util.List;

/** Resizing. */
final class ResizeCases extends CaseFamily {

    @Override
    void define() {
        opsetsFrom(11);
        long[] image = {2, 3, 7, 9};
        for (float scale : new float[] {0.34f, 0.6f, 1.5f, 2, 2.7f}) {
            for (String mode : List.of(
                    "linear half_pixel",
                    "linear pytorch_half_pixel",
                    "linear align_corners",
                    "cubic half_pixel",
                    "nearest asymmetric")) {
                String[] words = mode.split(" ");
                add("Resize " + mode, image, g -> {
                    g.initializer("scales", TensorValue.ofFloats(new float[] {1, 1, scale, scale}, 4));
                    return g.add(node("Resize", "x", floats("roi"), "scales")
                            .withText("mode", words[0])
                            .withText("coordinate_transformation_mode", words[1])
                            .withText("nearest_mode", "floor"));
                });
            }
        }
        add(
                "Resize to a size",
                image,
                g -> g.add(node("Resize", "x", floats("roi"), floats("scales"), longs("sizes", 2, 3, 10, 5))
                        .withText("mode", "linear")));
    }
}
