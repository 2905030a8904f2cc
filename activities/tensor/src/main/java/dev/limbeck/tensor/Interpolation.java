package dev.limbeck.tensor;

import java.util.Set;

/**
 * How the elements along an axis become another number of elements, as ONNX defines Resize.
 *
 * <p>Coordinates are computed in single precision, as ONNX Runtime does: at ties the nearest element depends on it.
 *
 * @param mode nearest, linear or cubic
 * @param coordinates coordinate_transformation_mode: where an output element lies among those of the input
 * @param rounding nearest_mode; "simple" is that of operator set 10: down, but up where the axis shrinks
 * @param cubic a of Keys 1981, "Cubic convolution interpolation for digital image processing"
 * @param excludeOutside whether elements beyond the border weigh nothing, rather than being equal to those at the border
 * @param antialias whether the filter widens where the axis shrinks
 */
record Interpolation(
        String mode, String coordinates, String rounding, float cubic, boolean excludeOutside, boolean antialias) {

    static final Set<String> MODES = Set.of("nearest", "linear", "cubic");
    static final Set<String> COORDINATES = Set.of(
            "half_pixel",
            "half_pixel_symmetric",
            "pytorch_half_pixel",
            "align_corners",
            "asymmetric",
            "tf_half_pixel_for_nn");
    static final Set<String> ROUNDINGS = Set.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "simple");

    /** One axis: its sizes, and the scale, which is not exactly their ratio. */
    record Axis(int in, int out, float scale) {}

    private float coordinate(int index, Axis axis) {
        float scale = axis.scale();
        return switch (coordinates) {
            case "half_pixel" -> (index + 0.5f) / scale - 0.5f;
            case "half_pixel_symmetric" -> {
                float adjustment = axis.out() / (scale * axis.in());
                yield axis.in() / 2f * (1 - adjustment) + (index + 0.5f) / scale - 0.5f;
            }
            case "pytorch_half_pixel" -> axis.out() > 1 ? (index + 0.5f) / scale - 0.5f : 0;
            case "align_corners" -> axis.out() == 1 ? 0 : index * (float) (axis.in() - 1) / (axis.out() - 1);
            case "asymmetric" -> index / scale;
            case "tf_half_pixel_for_nn" -> (index + 0.5f) / scale;
            default -> throw new IllegalArgumentException(coordinates);
        };
    }

    /** The input element that each output element is equal to; for the mode nearest. */
    long[] nearest(Axis axis) {
        long[] sources = new long[axis.out()];
        for (int i = 0; i < sources.length; i++) {
            float x = coordinate(i, axis);
            double rounded =
                    switch (rounding) {
                        case "round_prefer_floor" -> x == Math.floor(x) + 0.5 ? Math.floor(x) : Math.round(x);
                        case "round_prefer_ceil" -> Math.round(x);
                        case "floor" -> Math.floor(x);
                        case "ceil" -> Math.ceil(x);
                        case "simple" -> axis.scale() < 1 ? Math.ceil(x) : Math.floor(x);
                        default -> throw new IllegalArgumentException(rounding);
                    };
            sources[i] = Math.clamp((long) rounded, 0, axis.in() - 1);
        }
        return sources;
    }

    /** @return [out, in], row-major: what each output element takes from each input element; for the modes linear and cubic */
    float[] weights(Axis axis) {
        float[] weights = new float[axis.out() * axis.in()];
        boolean wide = antialias && axis.scale() < 1;
        float shrink = wide ? axis.scale() : 1;
        float support = (mode.equals("linear") ? 1 : 2) / shrink;
        for (int i = 0; i < axis.out(); i++) {
            float x = coordinate(i, axis);
            if (mode.equals("linear") && !antialias) {
                x = Math.clamp(x, 0, axis.in() - 1);
            }
            int first = (int) Math.floor(wide ? x - support + 1 : Math.floor(x) + 1 - support);
            int last = (int) Math.floor(wide ? x + support : Math.floor(x) + support);
            float[] taps = new float[last - first + 1];
            float total = 0;
            for (int k = 0; k < taps.length; k++) {
                boolean inside = first + k >= 0 && first + k < axis.in();
                taps[k] = inside || !excludeOutside ? filter((first + k - x) * shrink) : 0;
                total += taps[k];
            }
            for (int k = 0; k < taps.length; k++) {
                int source = Math.clamp(first + k, 0, axis.in() - 1);
                weights[i * axis.in() + source] += taps[k] / total;
            }
        }
        return weights;
    }

    private float filter(float distance) {
        float x = Math.abs(distance);
        if (mode.equals("linear")) {
            return Math.max(0, 1 - x);
        }
        if (x <= 1) {
            return ((cubic + 2) * x - (cubic + 3)) * x * x + 1;
        }
        return x < 2 ? ((cubic * x - 5 * cubic) * x + 8 * cubic) * x - 4 * cubic : 0;
    }
}
