package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/** The weight and bias of a convolution or matrix product that can be scaled channel by channel. */
final class Layer {

    private final Node node;
    private final long[] shape;
    private final float[] weight;
    private final float[] bias; // null where there is none

    private Layer(Node node, TensorValue weight, float[] bias) {
        this.node = node;
        this.shape = weight.shape();
        this.weight = weight.floats();
        this.bias = bias;
    }

    /** Empty where the weight or the bias is not this node's own constant. */
    static Optional<Layer> of(Graph graph, Node node) {
        boolean known = List.of("Conv", "Gemm", "MatMul").contains(node.op());
        if (!known || OperatorKind.of(graph, node) != OperatorKind.WEIGHTED || !owns(graph, node.input(1))) {
            return Optional.empty();
        }
        TensorValue weight = graph.initializers().get(node.input(1));
        if (!node.hasInput(2)) {
            return Optional.of(new Layer(node, weight, null));
        }
        float[] bias = graph.initializers().get(node.input(2)).floats();
        Layer layer = new Layer(node, weight, bias);
        return Optional.of(layer).filter(l -> owns(graph, node.input(2)) && bias.length == l.outputs());
    }

    private static boolean owns(Graph graph, String initializer) {
        return graph.consumers(initializer).size() == 1 && !graph.isOutput(initializer);
    }

    Node node() {
        return node;
    }

    int outputs() {
        return (int) shape[OperatorKind.outputAxis(node)];
    }

    /** Input channels or features. */
    int inputs() {
        return (int) (isConvolution() ? shape[1] * groups() : shape[1 - OperatorKind.outputAxis(node)]);
    }

    /** Whether each output channel sees exactly the input channel of its number. */
    boolean isDepthwise() {
        return isConvolution() && shape[1] == 1 && groups() == outputs();
    }

    /** Whether it reads images, [N, channels, height, width]. */
    boolean isTwoDimensional() {
        return isConvolution() && shape.length == 4;
    }

    private boolean isConvolution() {
        return node.op().equals("Conv");
    }

    private long groups() {
        return node.integer("group", 1);
    }

    private int outputOf(int element) {
        int axis = OperatorKind.outputAxis(node);
        return axis == 0 ? element / (weight.length / outputs()) : element % outputs();
    }

    private int inputOf(int element) {
        if (!isConvolution()) {
            return OperatorKind.outputAxis(node) == 0 ? element % inputs() : element / outputs();
        }
        int kernel = weight.length / (int) (shape[0] * shape[1]);
        int withinGroup = element / kernel % (int) shape[1];
        int group = outputOf(element) / (int) (shape[0] / groups());
        return group * (int) shape[1] + withinGroup;
    }

    /** max |w| of each output channel. */
    double[] outputRanges() {
        double[] ranges = new double[outputs()];
        for (int i = 0; i < weight.length; i++) {
            int channel = outputOf(i);
            ranges[channel] = Math.max(ranges[channel], Math.abs(weight[i]));
        }
        return ranges;
    }

    /** max |w| over the weights that read each channel; a channel may have become several neighbouring features. */
    double[] inputRanges(int channels) {
        int features = inputs() / channels;
        double[] ranges = new double[channels];
        for (int i = 0; i < weight.length; i++) {
            int channel = inputOf(i) / features;
            ranges[channel] = Math.max(ranges[channel], Math.abs(weight[i]));
        }
        return ranges;
    }

    /** Divides weights and bias of each output channel. */
    void divideOutputs(double[] scale) {
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) (weight[i] / scale[outputOf(i)]);
        }
        for (int c = 0; bias != null && c < bias.length; c++) {
            bias[c] = (float) (bias[c] / scale[c]);
        }
    }

    /** Multiplies the weights that read each channel. */
    void multiplyInputs(double[] scale) {
        int features = inputs() / scale.length;
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) (weight[i] * scale[inputOf(i) / features]);
        }
    }

    boolean hasBias() {
        return bias != null;
    }

    /** 0 where there is none. */
    double bias(int channel) {
        return bias == null ? 0 : bias[channel];
    }

    /** Sets the weights and biases of output channels to zero. */
    void clearOutputs(IntPredicate channels) {
        for (int i = 0; i < weight.length; i++) {
            weight[i] = channels.test(outputOf(i)) ? 0 : weight[i];
        }
        for (int c = 0; bias != null && c < bias.length; c++) {
            bias[c] = channels.test(c) ? 0 : bias[c];
        }
    }

    /** Sets the weights that read some of so many channels to zero. */
    void clearInputs(int count, IntPredicate channels) {
        int features = inputs() / count;
        for (int i = 0; i < weight.length; i++) {
            weight[i] = channels.test(inputOf(i) / features) ? 0 : weight[i];
        }
    }

    /** Subtracts from the bias, which the layer must have. */
    void subtractOutputs(double[] shift) {
        for (int c = 0; c < bias.length; c++) {
            bias[c] = (float) (bias[c] - shift[c]);
        }
    }

    /** Adds to the bias, which the layer must have, what it makes of constant input channels; without padding only. */
    void addInputs(double[] constant) {
        int features = inputs() / constant.length;
        double[] sums = new double[bias.length];
        for (int i = 0; i < weight.length; i++) {
            sums[outputOf(i)] += weight[i] * constant[inputOf(i) / features];
        }
        for (int c = 0; c < bias.length; c++) {
            bias[c] = (float) (bias[c] + sums[c]);
        }
    }

    /** Whether the layer reads inputs only, and no padding. */
    boolean isUnpadded() {
        return Arrays.stream(node.integers("pads")).allMatch(p -> p == 0)
                && !node.text("auto_pad", "NOTSET").startsWith("SAME");
    }

    void store(GraphEditor editor) {
        editor.initializer(node.input(1), TensorValue.ofFloats(weight, shape));
        if (bias != null) {
            editor.initializer(node.input(2), TensorValue.ofFloats(bias, bias.length));
        }
    }
}
