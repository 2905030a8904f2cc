package dev.limbeck.compress;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The weight of a convolution or matrix product as a matrix, and its bias.
 *
 * @param kernel height and width; empty for a matrix product
 * @param rows [in * places in the kernel][out]; a last row is the bias, where there is one
 */
record WeightOfReader(Node node, long[] kernel, double[][] rows, boolean hasBias) {

    static WeightOfReader of(Graph graph, Node node) {
        TensorValue weight = graph.initializers().get(node.input(1));
        long[] shape = weight.shape();
        float[] values = weight.floats();
        boolean turned = isTurned(node);
        int out = (int) shape[turned ? 0 : 1];
        int columns = values.length / out;
        boolean biased = node.hasInput(2);
        double[][] rows = new double[columns + (biased ? 1 : 0)][out];
        for (int i = 0; i < columns; i++) {
            for (int o = 0; o < out; o++) {
                rows[i][o] = values[turned ? o * columns + i : i * out + o];
            }
        }
        if (biased) {
            float[] bias = graph.initializers().get(node.input(2)).floats();
            double factor = biasFactor(node);
            for (int o = 0; o < out; o++) {
                rows[columns][o] = bias[o] * factor;
            }
        }
        return new WeightOfReader(
                node, shape.length == 4 ? Arrays.copyOfRange(shape, 2, 4) : new long[0], rows, biased);
    }

    int places() {
        return kernel.length == 0 ? 1 : (int) (kernel[0] * kernel[1]);
    }

    /** Channels by places in the kernel. */
    int inputs() {
        return rows.length - (hasBias ? 1 : 0);
    }

    int outputs() {
        return rows[0].length;
    }

    WeightOfReader withOutputs(int[] kept) {
        double[][] less = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            double[] row = rows[i];
            less[i] = Arrays.stream(kept).mapToDouble(o -> row[o]).toArray();
        }
        return new WeightOfReader(node, kernel, less, hasBias);
    }

    /** The rows that belong to the given channels; the bias stays. */
    int[] rowsOf(int[] channels) {
        IntStream own = Arrays.stream(channels).flatMap(c -> IntStream.range(c * places(), (c + 1) * places()));
        return (hasBias ? IntStream.concat(own, IntStream.of(rows.length - 1)) : own).toArray();
    }

    /** Puts other rows into the network, as many channels as they are for. */
    void write(GraphEditor editor, double[][] newRows) {
        int columns = newRows.length - (hasBias ? 1 : 0);
        int out = outputs();
        boolean turned = isTurned(node);
        float[] values = new float[columns * out];
        for (int i = 0; i < columns; i++) {
            for (int o = 0; o < out; o++) {
                values[turned ? o * columns + i : i * out + o] = (float) newRows[i][o];
            }
        }
        long in = columns / places();
        long[] shape = kernel.length > 0
                ? new long[] {out, in, kernel[0], kernel[1]}
                : turned ? new long[] {out, in} : new long[] {in, out};
        editor.initializer(node.input(1), TensorValue.ofFloats(values, shape));
        if (hasBias) {
            float[] bias = new float[out];
            double factor = biasFactor(node);
            for (int o = 0; o < out; o++) {
                bias[o] = (float) (newRows[columns][o] / factor);
            }
            editor.initializer(node.input(2), TensorValue.ofFloats(bias, out));
        }
    }

    /** Whether outputs are the first dimension of the weight. */
    static boolean isTurned(Node node) {
        return node.op().equals("Conv") || node.integer("transB", 0) == 1;
    }

    /** What the bias of a Gemm is multiplied by as against its weight. */
    private static double biasFactor(Node node) {
        return node.number("beta", 1) / (double) node.number("alpha", 1);
    }
}
