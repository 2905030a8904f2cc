package dev.limbeck.tensor;

import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.tensor.Interpolation.Axis;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Resize, Upsample, which was its name in operator set 9, and GridSample.
 *
 * <p>libtorch's functions are used where they agree with ONNX Runtime at every scale; other modes go along one axis after the
 * other, by indices (nearest) or by a matrix of weights.
 */
final class ResizeOperators {

    private ResizeOperators() {}

    static void register(Operators table) {
        table.add("Resize", ResizeOperators::resize)
                .add("Upsample", ResizeOperators::early)
                .add("GridSample", ResizeOperators::gridSample);
    }

    /** Of operator sets 9 and 10: scales only, at asymmetric coordinates. */
    private static Operation early(NodeContext c) {
        Interpolation interpolation = new Interpolation(mode(c), "asymmetric", "simple", -0.75f, false, false);
        float[] scales = c.constant(1, "scales").map(TensorValue::floats).orElseGet(() -> c.node()
                .numbers("scales"));
        return f -> f.out(resized(f.in(0), interpolation, axes(f.in(0), scales, every(scales.length)), true));
    }

    private static String mode(NodeContext c) {
        String mode = c.node().text("mode", "nearest");
        c.require(Interpolation.MODES.contains(mode), "mode '" + mode + "' is not supported");
        return mode;
    }

    private static Operation resize(NodeContext c) {
        if (c.opset() < 11) {
            return early(c);
        }
        Node node = c.node();
        Interpolation interpolation = interpolation(c);
        String policy = node.text("keep_aspect_ratio_policy", "stretch");
        long[] chosen = node.integers("axes");
        c.constant(1, "roi");
        float[] scales = c.constant(2, "scales")
                .map(TensorValue::floats)
                .filter(s -> s.length > 0)
                .orElse(null);
        if (scales != null) {
            return f -> {
                Tensor x = f.in(0);
                f.out(resized(x, interpolation, axes(x, scales, indices(x, chosen)), true));
            };
        }
        NodeContext.Longs sizes = c.longs("", 3);
        c.require(sizes != null, "neither scales nor sizes are given");
        return f -> {
            Tensor x = f.in(0);
            Axis[] axes = axes(x, sizes.of(f), indices(x, chosen), policy);
            f.out(resized(x, interpolation, axes, !policy.equals("stretch")));
        };
    }

    private static Interpolation interpolation(NodeContext c) {
        Node node = c.node();
        Interpolation interpolation = new Interpolation(
                mode(c),
                node.text("coordinate_transformation_mode", "half_pixel"),
                node.text("nearest_mode", "round_prefer_floor"),
                node.number("cubic_coeff_a", -0.75f),
                node.integer("exclude_outside", 0) == 1,
                node.integer("antialias", 0) == 1);
        c.require(
                Interpolation.COORDINATES.contains(interpolation.coordinates()),
                "coordinate_transformation_mode '" + interpolation.coordinates() + "' is not supported");
        c.require(
                Interpolation.ROUNDINGS.contains(interpolation.rounding()),
                "nearest_mode '" + interpolation.rounding() + "' is not supported");
        return interpolation;
    }

    // Names of modes changed with operator set 20.
    private static Operation gridSample(NodeContext c) {
        Node node = c.node();
        String mode = node.text("mode", c.opset() < 20 ? "bilinear" : "linear");
        int sampling =
                switch (mode) {
                    case "linear", "bilinear" -> 0;
                    case "nearest" -> 1;
                    case "cubic", "bicubic" -> 2;
                    default -> throw c.refuse("mode '" + mode + "' is not supported");
                };
        int padding = List.of("zeros", "border", "reflection").indexOf(node.text("padding_mode", "zeros"));
        c.require(padding >= 0, "padding_mode '" + node.text("padding_mode", "") + "' is not supported");
        boolean alignCorners = node.integer("align_corners", 0) == 1;
        return f -> {
            if (f.in(0).dim() != 4) {
                throw new IllegalArgumentException("only grids over height and width are supported");
            }
            f.out(torch.grid_sampler_2d(f.in(0), f.in(1), sampling, padding, alignCorners));
        };
    }

    private static int[] every(int rank) {
        int[] every = new int[rank];
        Arrays.setAll(every, i -> i);
        return every;
    }

    private static int[] indices(Tensor x, long[] chosen) {
        int rank = (int) x.dim();
        return chosen.length == 0
                ? every(rank)
                : Arrays.stream(chosen)
                        .mapToInt(a -> (int) (a < 0 ? a + rank : a))
                        .toArray();
    }

    private static Axis[] unchanged(Tensor x) {
        Axis[] axes = new Axis[(int) x.dim()];
        Arrays.setAll(axes, i -> new Axis((int) x.size(i), (int) x.size(i), 1));
        return axes;
    }

    private static Axis[] axes(Tensor x, float[] scales, int[] chosen) {
        Axis[] axes = unchanged(x);
        for (int i = 0; i < chosen.length; i++) {
            int in = axes[chosen[i]].in();
            axes[chosen[i]] = new Axis(in, (int) Math.floor(in * scales[i]), scales[i]);
        }
        return axes;
    }

    private static Axis[] axes(Tensor x, long[] sizes, int[] chosen, String policy) {
        Axis[] axes = unchanged(x);
        float common = policy.equals("not_larger") ? Float.MAX_VALUE : 0;
        for (int i = 0; i < chosen.length; i++) {
            float scale = (float) sizes[i] / axes[chosen[i]].in();
            common = policy.equals("not_larger") ? Math.min(common, scale) : Math.max(common, scale);
        }
        for (int i = 0; i < chosen.length; i++) {
            int in = axes[chosen[i]].in();
            axes[chosen[i]] = policy.equals("stretch")
                    ? new Axis(in, (int) sizes[i], (float) sizes[i] / in)
                    : new Axis(in, Math.round(common * in), common);
        }
        return axes;
    }

    /** @param scaled whether the scales are not the ratios of the sizes, which libtorch finds itself */
    private static Tensor resized(Tensor x, Interpolation interpolation, Axis[] axes, boolean scaled) {
        boolean images = axes.length == 4 && same(axes[0]) && same(axes[1]) && axes[2].out() > 1 && axes[3].out() > 1;
        if (images && !interpolation.antialias() && !interpolation.excludeOutside()) {
            Tensor fast = byLibtorch(x, interpolation, axes, scaled);
            if (fast != null) {
                return fast;
            }
        }
        Tensor result = new Tensor(x);
        for (int i = 0; i < axes.length; i++) {
            Axis axis = axes[i];
            if (same(axis)) {
                continue;
            }
            if (interpolation.mode().equals("nearest")) {
                long[] sources = interpolation.nearest(axis);
                result = torch.index_select(result, i, Native.like(Native.longs(sources, sources.length), x));
            } else {
                Tensor weights = Native.like(Native.floats(interpolation.weights(axis), axis.out(), axis.in()), x);
                result = torch.movedim(torch.matmul(torch.movedim(result, i, -1), weights.t()), -1, i);
            }
        }
        return result;
    }

    private static boolean same(Axis axis) {
        return axis.in() == axis.out() && axis.scale() == 1;
    }

    /** @return null where libtorch has no function of the same values */
    private static Tensor byLibtorch(Tensor x, Interpolation interpolation, Axis[] axes, boolean scaled) {
        long[] size = {axes[2].out(), axes[3].out()};
        DoubleOptional vertical = scaled ? new DoubleOptional(axes[2].scale()) : new DoubleOptional();
        DoubleOptional horizontal = scaled ? new DoubleOptional(axes[3].scale()) : new DoubleOptional();
        String coordinates = interpolation.coordinates();
        boolean halfPixel = coordinates.equals("half_pixel") || coordinates.equals("pytorch_half_pixel");
        boolean alignCorners = coordinates.equals("align_corners");
        return switch (interpolation.mode()) {
            case "linear" ->
                halfPixel || alignCorners
                        ? torch.upsample_bilinear2d(x, size, alignCorners, vertical, horizontal)
                        : null;
            case "cubic" ->
                halfPixel && interpolation.cubic() == -0.75f
                        ? torch.upsample_bicubic2d(x, size, false, vertical, horizontal)
                        : null;
            default ->
                coordinates.equals("asymmetric") && interpolation.rounding().equals("floor")
                        ? torch.upsample_nearest2d(x, size, vertical, horizontal)
                        : null;
        };
    }
}
