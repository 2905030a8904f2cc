package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * A convolution or matrix product as sums over input channels, on average over the positions of its output: where a kernel reaches
 * over the border, it reads zeros.
 */
final class WeightedSum {

    private final float[] weight;
    private final int outputs;
    private final int inputs;
    private final int kernel;
    private final boolean outputsFirst; // [out, in / groups, kernel...] or [in, out]
    private final int inputsOfGroup;
    private final double[] inside; // for each element of the kernel, the share of positions where it reads an input

    private WeightedSum(Node node, float[] weight, long[] shape, double[] inside) {
        this.weight = weight;
        this.inside = inside;
        this.kernel = inside.length;
        this.outputsFirst = OperatorKind.outputAxis(node) == 0;
        this.outputs = (int) (outputsFirst ? shape[0] : shape[1]);
        this.inputsOfGroup = (int) (outputsFirst ? shape[1] : shape[0]);
        this.inputs = (int) (inputsOfGroup * (node.op().equals("Conv") ? node.integer("group", 1) : 1));
    }

    /** @param shapes of the tensors; where they lack the node's, borders are left out of account */
    static Optional<WeightedSum> of(Graph graph, Node node, Map<String, ValueInfo> shapes) {
        if (OperatorKind.of(graph, node) != OperatorKind.WEIGHTED) {
            return Optional.empty();
        }
        float[] weight = graph.initializers().get(node.input(1)).floats();
        long[] shape = graph.initializers().get(node.input(1)).shape();
        return Optional.of(new WeightedSum(node, weight, shape, inside(node, shape, shapes)));
    }

    float[] weight() {
        return weight;
    }

    int inputs() {
        return inputs;
    }

    /**
     * Expected sums without the bias.
     *
     * @param values as many as weights, and in their order
     * @param means of the input channels
     */
    double[] means(float[] values, double[] means) {
        double[] sums = new double[outputs];
        for (int i = 0; i < values.length; i++) {
            sums[output(i)] += values[i] * inside[i % kernel] * means[input(i)];
        }
        return sums;
    }

    /** Larger one of two cases: all values of an input channel under the kernel are independent, or they are equal. */
    double[] variances(double[] variances) {
        double[] independent = new double[outputs];
        double[] equal = new double[outputs];
        for (int first = 0; first < weight.length; first += kernel) {
            double sum = 0;
            for (int i = first; i < first + kernel; i++) {
                independent[output(i)] += weight[i] * (double) weight[i] * variances[input(i)];
                sum += weight[i];
            }
            equal[output(first)] += sum * sum * variances[input(first)];
        }
        for (int c = 0; c < outputs; c++) {
            equal[c] = Math.max(equal[c], independent[c]);
        }
        return equal;
    }

    private int output(int element) {
        return outputsFirst ? element / (inputsOfGroup * kernel) : element % outputs;
    }

    private int input(int element) {
        if (!outputsFirst) {
            return element / outputs;
        }
        int group = output(element) / (outputs / (inputs / inputsOfGroup));
        return group * inputsOfGroup + element / kernel % inputsOfGroup;
    }

    private static double[] inside(Node node, long[] shape, Map<String, ValueInfo> shapes) {
        int dimensions = node.op().equals("Conv") ? shape.length - 2 : 0;
        long[] sizes = Arrays.copyOfRange(shape, shape.length - dimensions, shape.length);
        double[] all = {1};
        for (int d = 0; d < dimensions; d++) {
            double[] one = inside(node, d, (int) sizes[d], dimensions, shapes);
            double[] product = new double[all.length * one.length];
            for (int i = 0; i < product.length; i++) {
                product[i] = all[i / one.length] * one[i % one.length];
            }
            all = product;
        }
        return all;
    }

    /** In one dimension: for each element of the kernel, the share of output positions where it does not read padding. */
    private static double[] inside(Node node, int d, int size, int dimensions, Map<String, ValueInfo> shapes) {
        double[] share = new double[size];
        Arrays.fill(share, 1);
        ValueInfo input = shapes.get(node.input(0));
        ValueInfo output = shapes.get(node.output(0));
        if (input == null || output == null) {
            return share;
        }
        long in = input.shape()[2 + d];
        long out = output.shape()[2 + d];
        long[] ones = new long[2 * dimensions];
        Arrays.fill(ones, 1);
        long stride = node.integers("strides", ones)[d];
        long dilation = node.integers("dilations", ones)[d];
        long padding = Math.max(0, (out - 1) * stride + dilation * (size - 1) + 1 - in);
        String auto = node.text("auto_pad", "NOTSET");
        long before =
                switch (auto) {
                    case "SAME_UPPER" -> padding / 2;
                    case "SAME_LOWER" -> padding - padding / 2;
                    default -> node.integers("pads", new long[2 * dimensions])[d];
                };
        for (int k = 0; k < size; k++) {
            long first = k * dilation - before;
            long count = 0;
            for (long o = 0; o < out; o++) {
                long position = first + o * stride;
                count += position >= 0 && position < in ? 1 : 0;
            }
            share[k] = count / (double) out;
        }
        return share;
    }
}
