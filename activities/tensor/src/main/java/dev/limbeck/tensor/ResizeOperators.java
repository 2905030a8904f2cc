package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.Arrays;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Resize and Pad. Of Resize only those modes that agree with ONNX Runtime at every scale: others have libtorch functions of
 * the same name that compute other values.
 */
final class ResizeOperators {

    private ResizeOperators() {}

    static void register(Operators table) {
        table.add("Resize", ResizeOperators::resize).add("Pad", ResizeOperators::pad);
    }

    /** One of libtorch's functions for resizing: height, width, and their factors. */
    @FunctionalInterface
    private interface Sampler {
        Tensor apply(Tensor x, long[] size, DoubleOptional vertical, DoubleOptional horizontal);
    }

    private static Operation resize(NodeContext c) {
        Node node = c.node();
        c.require(node.integer("antialias", 0) == 0, "antialias is not supported");
        c.require(node.integer("exclude_outside", 0) == 0, "exclude_outside is not supported");
        c.require(node.attribute("axes").isEmpty(), "axes are not supported");
        c.require(
                node.text("keep_aspect_ratio_policy", "stretch").equals("stretch"),
                "keep_aspect_ratio_policy is not supported");
        Sampler sampler = sampler(c);
        c.constant(1, "roi");
        float[] scales = c.constant(2, "scales")
                .map(TensorValue::floats)
                .filter(s -> s.length > 0)
                .orElse(null);
        if (scales != null) {
            c.require(
                    scales.length == 4 && scales[0] == 1 && scales[1] == 1,
                    "scales must be [1, 1, h, w], not " + Arrays.toString(scales));
            return f -> {
                long height = (long) Math.floor(f.in(0).size(2) * scales[2]);
                long width = (long) Math.floor(f.in(0).size(3) * scales[3]);
                f.out(sampler.apply(
                        f.in(0),
                        new long[] {height, width},
                        new DoubleOptional(scales[2]),
                        new DoubleOptional(scales[3])));
            };
        }
        NodeContext.Longs sizes = c.longs("", 3);
        c.require(sizes != null, "neither scales nor sizes are given");
        return f -> {
            long[] size = sizes.of(f);
            f.out(sampler.apply(f.in(0), new long[] {size[2], size[3]}, new DoubleOptional(), new DoubleOptional()));
        };
    }

    private static Sampler sampler(NodeContext c) {
        Node node = c.node();
        String mode = node.text("mode", "nearest");
        String coordinates = node.text("coordinate_transformation_mode", "half_pixel");
        String rounding = node.text("nearest_mode", "round_prefer_floor");
        float cubic = node.number("cubic_coeff_a", -0.75f);
        boolean halfPixel = coordinates.equals("half_pixel") || coordinates.equals("pytorch_half_pixel");
        boolean alignCorners = coordinates.equals("align_corners");
        if (mode.equals("linear") && (halfPixel || alignCorners)) {
            return (x, size, v, h) -> torch.upsample_bilinear2d(x, size, alignCorners, v, h);
        }
        if (mode.equals("cubic") && coordinates.equals("half_pixel") && cubic == -0.75f) {
            return (x, size, v, h) -> torch.upsample_bicubic2d(x, size, false, v, h);
        }
        if (mode.equals("nearest") && coordinates.equals("asymmetric") && rounding.equals("floor")) {
            return (x, size, v, h) -> torch.upsample_nearest2d(x, size, v, h);
        }
        throw c.refuse("mode '" + mode + "' with coordinate_transformation_mode '" + coordinates + "'"
                + (mode.equals("nearest") ? " and nearest_mode '" + rounding + "'" : "")
                + " is not supported; supported are linear with half_pixel or align_corners,"
                + " cubic with half_pixel, nearest with asymmetric and floor");
    }

    private static Operation pad(NodeContext c) {
        String mode = c.node().text("mode", "constant");
        c.require(!c.node().hasInput(3), "axes are not supported");
        long[] pads = c.knownLongs("pads", 1, "pads");
        c.require(pads != null, "the pads are missing");
        c.require(Arrays.stream(pads).allMatch(p -> p >= 0), "negative pads are not supported");
        double value = c.number("value", 2, 0);
        int rank = pads.length / 2;
        // libtorch: begin and end of the last dimension first
        long[] reversed = new long[pads.length];
        for (int i = 0; i < rank; i++) {
            reversed[2 * i] = pads[rank - 1 - i];
            reversed[2 * i + 1] = pads[2 * rank - 1 - i];
        }
        if (mode.equals("constant")) {
            return f -> f.out(torch.constant_pad_nd(f.in(0), reversed, new Scalar(value)));
        }
        c.require(
                rank == 4 && Arrays.stream(reversed, 4, 8).allMatch(p -> p == 0),
                "mode '" + mode + "' is only supported for height and width of [n, c, h, w]");
        long[] spatial = Arrays.copyOf(reversed, 4);
        return switch (mode) {
            case "reflect" -> f -> f.out(torch.reflection_pad2d(f.in(0), spatial));
            case "edge" -> f -> f.out(torch.replication_pad2d(f.in(0), spatial));
            default -> throw c.refuse("mode '" + mode + "' is not supported");
        };
    }
}
