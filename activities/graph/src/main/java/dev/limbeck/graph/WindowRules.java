package dev.limbeck.graph;

import java.util.Arrays;

/** Shapes of operators that slide a window over an image. */
final class WindowRules {

    private WindowRules() {}

    static void convolution(Node node, ShapeContext c) {
        long[] weight = c.shape(node, 1); // [out, in / groups, spatial...]
        long[] kernel = Arrays.copyOfRange(weight, 2, weight.length);
        long[] x = c.shape(node, 0);
        long groups = node.integer("group", 1);
        if (x[1] != weight[1] * groups) {
            throw new IllegalArgumentException(
                    "the input has " + x[1] + " channels, the weight takes " + weight[1] * groups);
        }
        c.set(node, 0, c.type(node, 0), slide(node, x, weight[0], node.integers("kernel_shape", kernel), false));
    }

    static void pool(Node node, ShapeContext c) {
        long[] x = c.shape(node, 0);
        long[] out = slide(node, x, x[1], node.integers("kernel_shape"), node.integer("ceil_mode", 0) == 1);
        c.set(node, 0, c.type(node, 0), out);
        c.set(node, 1, ElementType.INT64, out);
    }

    static void globalPool(Node node, ShapeContext c) {
        long[] shape = c.shape(node, 0);
        Arrays.fill(shape, 2, shape.length, 1);
        c.set(node, 0, c.type(node, 0), shape);
    }

    static void transposedConvolution(Node node, ShapeContext c) {
        long[] x = c.shape(node, 0);
        long[] weight = c.shape(node, 1); // [in, out / groups, spatial...]
        int spatial = x.length - 2;
        long[] strides = node.integers("strides", ones(spatial));
        long[] dilations = node.integers("dilations", ones(spatial));
        long[] pads = node.integers("pads", new long[2 * spatial]);
        long[] extra = node.integers("output_padding", new long[spatial]);
        long[] out = x.clone();
        out[1] = weight[1] * node.integer("group", 1);
        boolean same = node.text("auto_pad", "NOTSET").startsWith("SAME");
        for (int i = 0; i < spatial; i++) {
            out[i + 2] = same
                    ? x[i + 2] * strides[i]
                    : strides[i] * (x[i + 2] - 1)
                            + extra[i]
                            + (weight[i + 2] - 1) * dilations[i]
                            + 1
                            - pads[i]
                            - pads[i + spatial];
        }
        long[] given = node.integers("output_shape");
        System.arraycopy(given, 0, out, out.length - given.length, given.length);
        c.set(node, 0, c.type(node, 0), out);
    }

    private static long[] slide(Node node, long[] x, long channels, long[] kernel, boolean ceil) {
        int spatial = x.length - 2;
        long[] strides = node.integers("strides", ones(spatial));
        long[] dilations = node.integers("dilations", ones(spatial));
        long[] pads = node.integers("pads", new long[2 * spatial]);
        String autoPad = node.text("auto_pad", "NOTSET");
        long[] out = x.clone();
        out[1] = channels;
        for (int i = 0; i < spatial; i++) {
            long window = (kernel[i] - 1) * dilations[i] + 1;
            long padded = x[i + 2] + (autoPad.equals("NOTSET") ? pads[i] + pads[i + spatial] : 0);
            if (autoPad.startsWith("SAME")) {
                out[i + 2] = -Math.floorDiv(-x[i + 2], strides[i]);
            } else if (ceil) {
                out[i + 2] = -Math.floorDiv(-(padded - window), strides[i]) + 1;
                // a window must not begin in the padding after the image
                if ((out[i + 2] - 1) * strides[i] >= x[i + 2] + pads[i]) {
                    out[i + 2]--;
                }
            } else {
                out[i + 2] = Math.floorDiv(padded - window, strides[i]) + 1;
            }
            if (out[i + 2] < 1) {
                throw new IllegalArgumentException("a window of " + window + " does not fit into " + padded);
            }
        }
        return out;
    }

    private static long[] ones(int count) {
        long[] ones = new long[count];
        Arrays.fill(ones, 1);
        return ones;
    }
}
