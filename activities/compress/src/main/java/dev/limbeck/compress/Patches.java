package dev.limbeck.compress;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Node;

/** What a convolution reads for one output position: [channels, kernel height, kernel width], and a one. */
final class Patches {

    private final int channels;
    private final int height;
    private final int width;
    private final int kernelHeight;
    private final int kernelWidth;
    private final long[] strides;
    private final long[] dilations;
    private final long[] pads;

    /**
     * @param kernel height and width; empty for a matrix product
     * @param shape of the input
     */
    Patches(Node node, long[] kernel, long[] shape) {
        channels = (int) shape[1];
        height = shape.length > 2 ? (int) shape[2] : 1;
        width = shape.length > 3 ? (int) shape[3] : 1;
        kernelHeight = kernel.length == 0 ? 1 : (int) kernel[0];
        kernelWidth = kernel.length == 0 ? 1 : (int) kernel[1];
        strides = node.integers("strides", 1, 1);
        dilations = node.integers("dilations", 1, 1);
        pads = node.text("auto_pad", "NOTSET").equals("NOTSET") ? node.integers("pads", 0, 0, 0, 0) : automatic(node);
    }

    int rows() {
        return outputs(height, kernelHeight, 0);
    }

    int columns() {
        return outputs(width, kernelWidth, 1);
    }

    void read(FloatTensor tensor, int image, int row, int column, double[] into) {
        int start = image * tensor.itemSize();
        int position = 0;
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < kernelHeight; i++) {
                long y = row * strides[0] - pads[0] + i * dilations[0];
                for (int j = 0; j < kernelWidth; j++) {
                    long x = column * strides[1] - pads[1] + j * dilations[1];
                    boolean inside = y >= 0 && y < height && x >= 0 && x < width;
                    into[position++] = inside ? tensor.data()[start + (int) ((c * height + y) * width + x)] : 0;
                }
            }
        }
        into[position] = 1;
    }

    private int outputs(int size, int kernel, int axis) {
        return (int) ((size + pads[axis] + pads[axis + 2] - (kernel - 1) * dilations[axis] - 1) / strides[axis]) + 1;
    }

    private long[] automatic(Node node) {
        long[] automatic = new long[4];
        boolean upper = node.text("auto_pad", "").equals("SAME_UPPER");
        boolean lower = node.text("auto_pad", "").equals("SAME_LOWER");
        for (int axis = 0; axis < 2 && (upper || lower); axis++) {
            int size = axis == 0 ? height : width;
            int kernel = axis == 0 ? kernelHeight : kernelWidth;
            long outputs = Math.ceilDiv(size, strides[axis]);
            long whole = Math.max(0, (outputs - 1) * strides[axis] + (kernel - 1) * dilations[axis] + 1 - size);
            automatic[axis] = upper ? whole / 2 : whole - whole / 2;
            automatic[axis + 2] = whole - automatic[axis];
        }
        return automatic;
    }
}
