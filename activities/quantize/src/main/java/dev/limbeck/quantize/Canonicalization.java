package dev.limbeck.quantize;

import dev.limbeck.graph.BatchNormFolding;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Writes a float network in the operators that have integer kernels, without changing its function: batch norms are folded, those
 * that cannot be become depthwise convolutions; means over an image become global average pooling; x * hardsigmoid(x) becomes
 * HardSwish.
 */
final class Canonicalization {

    private static final int HARD_SWISH_OPSET = 14;

    private final Graph graph;
    private final GraphEditor editor;
    private final Map<String, ValueInfo> shapes;

    private Canonicalization(Graph graph, Map<String, ValueInfo> shapes) {
        this.graph = graph;
        this.editor = graph.edit();
        this.shapes = shapes;
    }

    static Graph of(Graph graph) {
        return of(graph, g -> ShapeInference.infer(g, 1));
    }

    /** @param inputShapes sizes of a batch of 1, by the names of the inputs */
    static Graph of(Graph graph, Map<String, long[]> inputShapes) {
        return of(graph, g -> ShapeInference.infer(g, inputShapes));
    }

    private static Graph of(Graph graph, Function<Graph, Map<String, ValueInfo>> inference) {
        Graph folded = BatchNormFolding.fold(graph);
        try {
            return new Canonicalization(folded, inference.apply(folded)).rewritten();
        } catch (BadInputException e) {
            // an operator of unknown shape runs on floats; nodes whose rank is not known stay as they are
            return new Canonicalization(folded, Map.of()).rewritten();
        }
    }

    private Graph rewritten() {
        for (Node node : graph.nodes()) {
            switch (node.op()) {
                case "BatchNormalization" -> batchNorm(node);
                case "ReduceMean" -> mean(node);
                case "Mul" -> hardSwish(node);
                default -> {}
            }
        }
        return editor.build();
    }

    private int rank(String tensor) {
        return shapes.containsKey(tensor) ? shapes.get(tensor).shape().length : 0;
    }

    /** y = x g / s + beta - mean g / s with s = sqrt(variance + epsilon), as a 1x1 convolution with one channel a group. */
    private void batchNorm(Node norm) {
        boolean known = norm.inputs().stream().skip(1).allMatch(graph.initializers()::containsKey);
        if (!known || rank(norm.input(0)) != 4 || norm.integer("training_mode", 0) == 1) {
            return;
        }
        float[] gain = values(norm, 1);
        float[] shift = values(norm, 2);
        float[] mean = values(norm, 3);
        float[] variance = values(norm, 4);
        int channels = gain.length;
        float[] bias = new float[channels];
        for (int c = 0; c < channels; c++) {
            double factor = gain[c] / Math.sqrt(variance[c] + (double) norm.number("epsilon", 1e-5f));
            gain[c] = (float) factor;
            bias[c] = (float) (shift[c] - mean[c] * factor);
        }
        String output = norm.output(0);
        String weightName =
                editor.initializer(editor.unique(output + ".weight"), TensorValue.ofFloats(gain, channels, 1, 1, 1));
        String biasName = editor.initializer(editor.unique(output + ".bias"), TensorValue.ofFloats(bias, channels));
        editor.replace(
                norm,
                Node.of("Conv", norm.name(), List.of(norm.input(0), weightName, biasName), List.of(output))
                        .withIntegers("kernel_shape", 1, 1)
                        .withInteger("group", channels));
    }

    private void mean(Node node) {
        long[] axes = node.hasInput(1)
                ? graph.initializer(node.input(1)).map(TensorValue::longs).orElse(new long[0])
                : node.integers("axes");
        int rank = rank(node.input(0));
        long[] positive =
                Arrays.stream(axes).map(a -> a < 0 ? a + rank : a).sorted().toArray();
        if (rank != 4 || !Arrays.equals(positive, new long[] {2, 3})) {
            return;
        }
        List<String> outputs = node.outputs();
        if (node.integer("keepdims", 1) == 1) {
            editor.replace(node, Node.of("GlobalAveragePool", node.name(), List.of(node.input(0)), outputs));
            return;
        }
        String pooled = editor.add("GlobalAveragePool", node.output(0) + ".pooled", node.input(0));
        editor.replace(node, Node.of("Flatten", node.name(), List.of(pooled), outputs));
    }

    private void hardSwish(Node product) {
        Optional<Node> gate = gate(product.input(0), product.input(1));
        if (gate.isEmpty()) {
            gate = gate(product.input(1), product.input(0));
        }
        gate.ifPresent(sigmoid -> {
            editor.requireOpset(HARD_SWISH_OPSET);
            editor.replace(
                    product,
                    Node.of("HardSwish", product.name(), List.of(sigmoid.input(0)), List.of(product.output(0))));
        });
    }

    /** The node that makes {@code gate} from {@code x}, if it is HardSwish's hard sigmoid and nothing else reads it. */
    private Optional<Node> gate(String x, String gate) {
        return graph.producer(gate)
                .filter(node -> node.op().equals("HardSigmoid") && node.input(0).equals(x))
                .filter(node ->
                        Math.abs(node.number("alpha", 0.2f) - 1 / 6f) < 1e-6 && node.number("beta", 0.5f) == 0.5f)
                .filter(node -> graph.consumers(gate).size() == 1)
                .filter(node -> graph.outputs().stream().noneMatch(o -> o.name().equals(gate)));
    }

    private float[] values(Node node, int input) {
        return graph.initializers().get(node.input(input)).floats();
    }
}
