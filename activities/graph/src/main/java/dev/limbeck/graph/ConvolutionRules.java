package dev.limbeck.graph;

import java.util.Arrays;
import java.util.Map;

/** Rules of convolutions, pools, and operators that change the spatial size. */
final class ConvolutionRules {

    private ConvolutionRules() {}

    static void addTo(Map<String, ShapeRule> rules) {
        rules.put("Conv", op -> convolution(op, 1, op.type(0)));
        rules.put("com.microsoft.FusedConv", op -> convolution(op, 1, op.type(0)));
        rules.put("ConvInteger", op -> convolution(op, 1, ElementType.INT32));
        rules.put("QLinearConv", op -> convolution(op, 3, op.type(0)));
        rules.put("ConvTranspose", ConvolutionRules::transposed);
        rules.put("MaxPool", ConvolutionRules::pool);
        rules.put("AveragePool", ConvolutionRules::pool);
        rules.put("LpPool", ConvolutionRules::pool);
        rules.put("com.microsoft.QLinearAveragePool", ConvolutionRules::pool);
        rules.put("GlobalAveragePool", ConvolutionRules::globalPool);
        rules.put("GlobalMaxPool", ConvolutionRules::globalPool);
        rules.put("GlobalLpPool", ConvolutionRules::globalPool);
        rules.put("com.microsoft.QLinearGlobalAveragePool", ConvolutionRules::globalPool);
        rules.put("Resize", ConvolutionRules::resize);
        rules.put("Upsample", ConvolutionRules::upsample);
        rules.put("DepthToSpace", ConvolutionRules::depthToSpace);
        rules.put("SpaceToDepth", ConvolutionRules::spaceToDepth);
        rules.put("GridSample", ConvolutionRules::gridSample);
    }

    /** The window of a convolution or pool along every spatial axis. */
    private record Window(long[] kernel, long[] strides, long[] dilations, long[] pads, String autoPad, boolean ceil) {

        static Window of(OpContext op, long[] kernel) {
            int axes = kernel.length;
            Node node = op.node();
            Window window = new Window(
                    kernel,
                    node.integers("strides", ones(axes)),
                    node.integers("dilations", ones(axes)),
                    node.integers("pads", new long[2 * axes]),
                    node.text("auto_pad", "NOTSET"),
                    node.integer("ceil_mode", 0) == 1);
            boolean valid = window.strides.length == axes
                    && window.dilations.length == axes
                    && window.pads.length == 2 * axes
                    && Arrays.stream(kernel).allMatch(k -> k > 0)
                    && Arrays.stream(window.strides).allMatch(s -> s > 0)
                    && Arrays.stream(window.dilations).allMatch(d -> d > 0);
            if (!valid) {
                throw op.fail("has kernel " + Arrays.toString(kernel) + ", strides " + Arrays.toString(window.strides)
                        + ", dilations " + Arrays.toString(window.dilations) + " and pads "
                        + Arrays.toString(window.pads) + ", which do not fit " + axes + " spatial dimensions");
            }
            return window;
        }

        private static long[] ones(int count) {
            long[] ones = new long[count];
            Arrays.fill(ones, 1);
            return ones;
        }

        long extent(int axis) {
            return Math.addExact(Math.multiplyExact(dilations[axis], kernel[axis] - 1), 1);
        }

        long size(OpContext op, int axis, long in) {
            if (autoPad.startsWith("SAME")) {
                return Math.ceilDiv(in, strides[axis]);
            }
            boolean padded = !autoPad.equals("VALID");
            long before = padded ? pads[axis] : 0;
            long after = padded ? pads[axis + kernel.length] : 0;
            long room = Math.addExact(in, Math.addExact(before, after)) - extent(axis);
            if (room < 0) {
                throw op.fail("has a window of " + extent(axis) + " on an input of size " + in + " with pads " + before
                        + " and " + after);
            }
            if (!ceil) {
                return room / strides[axis] + 1;
            }
            long size = Math.ceilDiv(room, strides[axis]) + 1;
            // A last window that begins in the padding behind the input is left out.
            return (size - 1) * strides[axis] >= in + before ? size - 1 : size;
        }
    }

    private static void convolution(OpContext op, int weightInput, ElementType type) {
        long[] in = op.shape(0);
        long[] weight = op.shape(weightInput); // [out, in / groups, kernel...]
        long groups = op.node().integer("group", 1);
        if (in.length < 3 || weight.length != in.length || groups < 1 || weight[0] % groups != 0) {
            throw op.mismatch();
        }
        long channels = Math.multiplyExact(weight[1], groups);
        if (channels != in[1]) {
            throw op.misfit(weightInput, channels, in[1]);
        }
        Window window = Window.of(op, Arrays.copyOfRange(weight, 2, weight.length));
        long[] out = in.clone();
        out[1] = weight[0];
        for (int i = 2; i < in.length; i++) {
            out[i] = window.size(op, i - 2, in[i]);
        }
        op.output(0, weightInput == 3 && op.has(7) ? op.type(7) : type, out);
    }

    private static void transposed(OpContext op) {
        long[] in = op.shape(0);
        long[] weight = op.shape(1); // [in, out / groups, kernel...]
        long groups = op.node().integer("group", 1);
        if (in.length < 3 || weight.length != in.length || groups < 1) {
            throw op.mismatch();
        }
        if (weight[0] != in[1]) {
            throw op.misfit(1, weight[0], in[1]);
        }
        int axes = in.length - 2;
        Window window = Window.of(op, Arrays.copyOfRange(weight, 2, weight.length));
        long[] extra = op.node().integers("output_padding", new long[axes]);
        long[] fixed = op.node().integers("output_shape");
        long[] out = in.clone();
        out[1] = Math.multiplyExact(weight[1], groups);
        for (int i = 0; i < axes; i++) {
            long full = window.strides[i] * (in[i + 2] - 1) + extra[i] + window.extent(i);
            if (fixed.length > 0) {
                out[i + 2] = fixed[fixed.length - axes + i];
            } else if (window.autoPad.startsWith("SAME")) {
                out[i + 2] = Math.min(full, in[i + 2] * window.strides[i]);
            } else if (window.autoPad.equals("VALID")) {
                out[i + 2] = full;
            } else {
                out[i + 2] = full - window.pads[i] - window.pads[i + axes];
            }
        }
        op.output(0, op.type(0), out);
    }

    private static void pool(OpContext op) {
        long[] in = op.shape(0);
        long[] kernel = op.node().integers("kernel_shape");
        if (in.length < 3 || kernel.length != in.length - 2) {
            throw op.mismatch();
        }
        boolean last = op.node().integer("channels_last", 0) == 1;
        Window window = Window.of(op, kernel);
        long[] out = in.clone();
        int first = last ? 1 : 2;
        for (int i = 0; i < kernel.length; i++) {
            out[first + i] = window.size(op, i, in[first + i]);
        }
        op.output(0, op.type(0), out);
        op.output(1, ElementType.INT64, out);
    }

    private static void globalPool(OpContext op) {
        long[] out = op.shape(0);
        boolean last = op.node().integer("channels_last", 0) == 1;
        if (out.length < 3) {
            throw op.mismatch();
        }
        Arrays.fill(out, last ? 1 : 2, last ? out.length - 1 : out.length, 1);
        op.output(0, op.type(0), out);
    }

    private static void resize(OpContext op) {
        boolean early = op.opset() < 11;
        long[] in = op.shape(0);
        long[] axes = op.node().integers("axes");
        long[] out = in.clone();
        int sizesInput = early ? -1 : 3;
        if (sizesInput > 0 && op.has(sizesInput)) {
            resizeTo(op, in, axes, out);
        } else {
            double[] scales = op.doubles(early ? 1 : 2, "scales");
            for (int i = 0; i < scales.length; i++) {
                int axis = axes.length > 0 ? op.axis(axes[i], in.length) : i;
                out[axis] = (long) Math.floor(in[axis] * scales[i]);
            }
        }
        op.output(0, op.type(0), out);
    }

    private static void resizeTo(OpContext op, long[] in, long[] axes, long[] out) {
        long[] sizes = op.longs(3, "sizes");
        String policy = op.node().text("keep_aspect_ratio_policy", "stretch");
        double ratio = Double.NaN;
        for (int i = 0; i < sizes.length; i++) {
            int axis = axes.length > 0 ? op.axis(axes[i], in.length) : i;
            out[axis] = sizes[i];
            double own = (double) sizes[i] / in[axis];
            ratio = Double.isNaN(ratio)
                    ? own
                    : policy.equals("not_larger") ? Math.min(ratio, own) : Math.max(ratio, own);
        }
        if (!policy.equals("stretch")) {
            for (int i = 0; i < sizes.length; i++) {
                int axis = axes.length > 0 ? op.axis(axes[i], in.length) : i;
                out[axis] = (long) Math.floor(in[axis] * ratio + 0.5);
            }
        }
    }

    private static void upsample(OpContext op) {
        long[] out = op.shape(0);
        float[] attribute = op.node().numbers("scales");
        for (int i = 0; i < out.length; i++) {
            double scale = attribute.length > 0 ? attribute[i] : op.doubles(1, "scales")[i];
            out[i] = (long) Math.floor(out[i] * scale);
        }
        op.output(0, op.type(0), out);
    }

    private static void depthToSpace(OpContext op) {
        long[] in = op.shape(0);
        long block = op.node().integer("blocksize", 1);
        if (in.length != 4 || block < 1 || in[1] % (block * block) != 0) {
            throw op.mismatch();
        }
        op.output(0, op.type(0), in[0], in[1] / (block * block), in[2] * block, in[3] * block);
    }

    private static void spaceToDepth(OpContext op) {
        long[] in = op.shape(0);
        long block = op.node().integer("blocksize", 1);
        if (in.length != 4 || block < 1 || in[2] % block != 0 || in[3] % block != 0) {
            throw op.mismatch();
        }
        op.output(0, op.type(0), in[0], in[1] * block * block, in[2] / block, in[3] / block);
    }

    private static void gridSample(OpContext op) {
        long[] out = op.shape(0);
        long[] grid = op.shape(1); // [batch, spatial sizes..., axes]
        System.arraycopy(grid, 1, out, 2, out.length - 2);
        op.output(0, op.type(0), out);
    }
}
