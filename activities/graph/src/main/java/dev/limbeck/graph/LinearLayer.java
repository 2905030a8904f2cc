package dev.limbeck.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A Conv, ConvTranspose or Gemm with a constant weight of its own, seen as a linear function of channels.
 *
 * @param outputChannel of each element of the weight, row-major
 * @param inputChannel of each element of the weight, row-major
 * @param bias one number an output channel; zeros where the node has none
 */
record LinearLayer(Node node, float[] weight, long[] shape, int[] outputChannel, int[] inputChannel, float[] bias) {

    /** Empty where the weight is computed, shared or not of type float, or the bias is not one number a channel. */
    static Optional<LinearLayer> of(Graph graph, Node node) {
        TensorValue weight = graph.initializers().get(node.input(1));
        boolean linear = node.op().equals("Conv")
                || node.op().equals("ConvTranspose")
                || node.op().equals("Gemm");
        if (!linear
                || weight == null
                || weight.type() != ElementType.FLOAT
                || weight.shape().length < 2
                || graph.consumers(node.input(1)).size() != 1
                || node.inputs().lastIndexOf(node.input(1)) != 1
                || node.integer("transA", 0) != 0) {
            return Optional.empty();
        }
        long[] shape = weight.shape();
        long groups = node.integer("group", 1);
        if (groups < 1 || shape[0] % groups != 0 || node.op().equals("Gemm") && shape.length != 2) {
            return Optional.empty();
        }
        int outputs = outputs(node, shape);
        return bias(graph, node, outputs)
                .map(bias -> new LinearLayer(
                        node, weight.floats(), shape, outputChannels(node, shape), inputChannels(node, shape), bias));
    }

    int outputs() {
        return bias.length;
    }

    int inputs() {
        return Arrays.stream(inputChannel).max().orElse(-1) + 1;
    }

    /** Puts another weight and bias into the node; its inputs and outputs stay. */
    Node with(GraphEditor editor, float[] newWeight, float[] newBias) {
        List<String> inputs = new ArrayList<>(List.of(node.input(0)));
        inputs.add(
                editor.initializer(editor.unique(node.input(1) + ".folded"), TensorValue.ofFloats(newWeight, shape)));
        inputs.add(editor.initializer(
                editor.unique(node.input(1) + ".bias"), TensorValue.ofFloats(newBias, newBias.length)));
        Node changed = node.withInputs(inputs);
        return node.attribute("beta").isPresent() ? changed.withNumber("beta", 1) : changed;
    }

    /** Whether every output is made of inputs only, none of them padding. */
    boolean isUnpadded() {
        return switch (node.op()) {
            case "Conv" ->
                !node.text("auto_pad", "NOTSET").startsWith("SAME")
                        && Arrays.stream(node.integers("pads")).allMatch(p -> p == 0);
            case "Gemm" -> true;
            default -> false;
        };
    }

    private static int outputs(Node node, long[] shape) {
        return (int)
                switch (node.op()) {
                    case "Conv" -> shape[0];
                    case "ConvTranspose" -> shape[1] * node.integer("group", 1);
                    default -> node.integer("transB", 0) == 1 ? shape[0] : shape[1];
                };
    }

    private static int[] outputChannels(Node node, long[] shape) {
        return switch (node.op()) {
            // [out, in / groups, kernel...]
            case "Conv" -> indices(shape, (first, second) -> first);
            // [in, out / groups, kernel...]
            case "ConvTranspose" -> {
                long perGroup = shape[0] / node.integer("group", 1);
                yield indices(shape, (first, second) -> first / perGroup * shape[1] + second);
            }
            default -> indices(shape, (first, second) -> node.integer("transB", 0) == 1 ? first : second);
        };
    }

    private static int[] inputChannels(Node node, long[] shape) {
        return switch (node.op()) {
            case "Conv" -> {
                long perGroup = shape[0] / node.integer("group", 1);
                yield indices(shape, (first, second) -> first / perGroup * shape[1] + second);
            }
            case "ConvTranspose" -> indices(shape, (first, second) -> first);
            default -> indices(shape, (first, second) -> node.integer("transB", 0) == 1 ? second : first);
        };
    }

    private interface Index {
        long of(long first, long second);
    }

    private static int[] indices(long[] shape, Index index) {
        int inner = (int) TensorValue.elements(Arrays.copyOfRange(shape, 2, shape.length));
        int[] out = new int[(int) TensorValue.elements(shape)];
        for (int i = 0; i < out.length; i++) {
            int row = i / inner;
            out[i] = (int) index.of(row / shape[1], row % shape[1]);
        }
        return out;
    }

    private static Optional<float[]> bias(Graph graph, Node node, int channels) {
        float[] out = new float[channels];
        if (!node.hasInput(2)) {
            return Optional.of(out);
        }
        TensorValue given = graph.initializers().get(node.input(2));
        if (given == null || given.type() != ElementType.FLOAT) {
            return Optional.empty();
        }
        long[] shape = given.shape();
        boolean perChannel = shape.length > 0 && shape[shape.length - 1] == channels && given.size() == channels;
        if (!perChannel && given.size() != 1) {
            return Optional.empty();
        }
        float[] values = given.floats();
        float beta = node.number("beta", 1);
        for (int i = 0; i < channels; i++) {
            out[i] = beta * values[perChannel ? i : 0];
        }
        return Optional.of(out);
    }
}
