package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import java.util.Arrays;

/**
 * The weight of a convolution or matrix product as one matrix a group, [groups, outputs, inputs], by which rows of unfolded inputs
 * are multiplied: an input is an input channel of the group at a kernel position.
 *
 * @param groups of channels that are computed apart
 * @param outputs of a group
 * @param inputs of an output
 * @param position of each element of the weight in the matrix
 */
record WeightMatrix(int groups, int outputs, int inputs, int[] position) {

    static WeightMatrix of(Graph graph, Node node) {
        long[] shape = graph.initializers().get(node.input(1)).shape();
        return switch (node.op()) {
            case "Conv" -> {
                int groups = (int) node.integer("group", 1);
                yield inOrder(groups, (int) shape[0] / groups, elements(shape, 1));
            }
            case "ConvTranspose" ->
                transposed((int) node.integer("group", 1), (int) shape[0], (int) shape[1], elements(shape, 2));
            case "Gemm" ->
                node.integer("transB", 0) == 1
                        ? inOrder(1, (int) shape[0], (int) shape[1])
                        : transposed(1, (int) shape[0], (int) shape[1], 1);
            default -> transposed(1, (int) shape[0], (int) shape[1], 1);
        };
    }

    private static int elements(long[] shape, int from) {
        return (int) Arrays.stream(shape).skip(from).reduce(1, (a, b) -> a * b);
    }

    private static WeightMatrix inOrder(int groups, int outputs, int inputs) {
        int[] position = new int[groups * outputs * inputs];
        Arrays.setAll(position, i -> i);
        return new WeightMatrix(groups, outputs, inputs, position);
    }

    /** From [in, out / groups, kernel]. */
    private static WeightMatrix transposed(int groups, int in, int outputs, int kernel) {
        int channels = in / groups;
        int[] position = new int[in * outputs * kernel];
        for (int i = 0; i < position.length; i++) {
            int k = i % kernel;
            int output = i / kernel % outputs;
            int channel = i / kernel / outputs;
            int row = channel / channels * outputs + output;
            position[i] = (row * channels + channel % channels) * kernel + k;
        }
        return new WeightMatrix(groups, outputs, channels * kernel, position);
    }

    int channels() {
        return groups * outputs;
    }

    long[] shape() {
        return new long[] {groups, outputs, inputs};
    }

    float[] toMatrix(float[] weight) {
        float[] matrix = new float[weight.length];
        for (int i = 0; i < weight.length; i++) {
            matrix[position[i]] = weight[i];
        }
        return matrix;
    }

    float[] fromMatrix(float[] matrix) {
        float[] weight = new float[matrix.length];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = matrix[position[i]];
        }
        return weight;
    }
}
