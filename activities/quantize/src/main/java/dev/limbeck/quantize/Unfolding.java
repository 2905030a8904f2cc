package dev.limbeck.quantize;

import dev.limbeck.graph.Node;
import java.util.Arrays;

/**
 * Which inputs of a convolution or matrix product make an output position: the row by which {@link WeightMatrix} is multiplied.
 *
 * @param channels of the input
 * @param positions of the output in an image
 * @param size positions of the input in an image
 * @param step elements between two channels of the input at a position; 1 where channels come last
 * @param offsets [positions][kernel]: the input position under each element of the kernel; {@link #PADDING} beyond the image
 */
record Unfolding(int channels, int positions, int size, int step, int[][] offsets) {

    private static final int PADDING = -1;

    /**
     * @param input shape of the node's input, [n, channels, sizes...] or, of matrix products, [..., channels]
     * @param output shape of its output
     */
    static Unfolding of(Node node, long[] kernelAndChannels, long[] input, long[] output) {
        boolean convolution = node.op().equals("Conv");
        if (!convolution && !node.op().equals("ConvTranspose")) {
            int channels = (int) input[input.length - 1];
            int positions = 1;
            for (int i = 1; i < input.length - 1; i++) {
                positions *= (int) input[i];
            }
            int[][] offsets = new int[positions][1];
            for (int p = 0; p < positions; p++) {
                offsets[p][0] = p * channels;
            }
            return new Unfolding(channels, positions, positions, 1, offsets);
        }
        long[] in = Arrays.copyOfRange(input, 2, input.length);
        long[] out = Arrays.copyOfRange(output, 2, output.length);
        long[] kernel = Arrays.copyOfRange(kernelAndChannels, 2, kernelAndChannels.length);
        Axis[] axes = new Axis[in.length];
        for (int a = 0; a < axes.length; a++) {
            axes[a] = Axis.of(node, a, axes.length, in[a], out[a], kernel[a]);
        }
        int size = product(in);
        int[][] offsets = new int[product(out)][product(kernel)];
        for (int p = 0; p < offsets.length; p++) {
            for (int k = 0; k < offsets[p].length; k++) {
                offsets[p][k] = offset(axes, p, k);
            }
        }
        return new Unfolding((int) input[1], offsets.length, size, size, offsets);
    }

    private static int product(long[] sizes) {
        return (int) Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    }

    private static int offset(Axis[] axes, int position, int element) {
        int offset = 0;
        int stride = 1;
        int p = position;
        int k = element;
        for (int a = axes.length - 1; a >= 0; a--) {
            int source = axes[a].source(p % axes[a].out, k % axes[a].kernel);
            if (source < 0) {
                return PADDING;
            }
            offset += source * stride;
            stride *= axes[a].in;
            p /= axes[a].out;
            k /= axes[a].kernel;
        }
        return offset;
    }

    /**
     * Writes the row of a group of channels.
     *
     * @param data [n, channels, sizes...] or [..., channels]
     * @param from position of the row's first element in {@code row}
     */
    void copy(float[] data, int image, int position, int firstChannel, int channelsOfGroup, float[] row, int from) {
        int[] kernel = offsets[position];
        int base = image * channels * size;
        int to = from;
        for (int c = firstChannel; c < firstChannel + channelsOfGroup; c++) {
            int plane = base + c * step;
            for (int offset : kernel) {
                row[to++] = offset < 0 ? 0 : data[plane + offset];
            }
        }
    }

    /** One spatial axis of a convolution, or of a transposed one. */
    private record Axis(boolean transposed, int in, int out, int kernel, int stride, int dilation, int padding) {

        static Axis of(Node node, int axis, int axes, long in, long out, long kernel) {
            boolean transposed = node.op().equals("ConvTranspose");
            long[] ones = new long[axes];
            Arrays.fill(ones, 1);
            long stride = node.integers("strides", ones)[axis];
            long dilation = node.integers("dilations", ones)[axis];
            long extent = (kernel - 1) * dilation + 1;
            String automatic = node.text("auto_pad", "NOTSET");
            long padding = node.integers("pads", new long[2 * axes])[axis];
            if (automatic.startsWith("SAME") || transposed && node.integers("output_shape").length > 0) {
                // what lies beyond both ends, or is cut from them; what is odd goes behind for SAME_UPPER
                long total = transposed
                        ? stride * (in - 1) + node.integers("output_padding", new long[axes])[axis] + extent - out
                        : (out - 1) * stride + extent - in;
                total = Math.max(0, total);
                padding = automatic.equals("SAME_UPPER") ? total / 2 : total - total / 2;
            } else if (automatic.equals("VALID")) {
                padding = 0;
            }
            return new Axis(transposed, (int) in, (int) out, (int) kernel, (int) stride, (int) dilation, (int) padding);
        }

        /** The input position under an element of the kernel; negative where there is none. */
        int source(int position, int element) {
            int source = transposed
                    ? position + padding - element * dilation
                    : position * stride - padding + element * dilation;
            if (transposed) {
                source = source < 0 || source % stride != 0 ? PADDING : source / stride;
            }
            return source < in ? source : PADDING;
        }
    }
}
