package dev.limbeck.quantize;

import dev.limbeck.graph.BatchNormFolding;
import dev.limbeck.graph.ElementType;
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
 * that cannot be become depthwise convolutions; means over an image become global average pooling; x * hardsigmoid(x) and
 * x * clip(x + 3, 0, 6) / 6 become HardSwish; constant factors and shifts of a convolution's channels
 * become part of it.
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
        Graph folded = TransformerFusion.fuse(BatchNormFolding.fold(graph));
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
                case "Div" -> dividedHardSwish(node);
                case "Conv" -> constantFactors(node);
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

    /** As paddle2onnx writes a hard swish. */
    private void dividedHardSwish(Node division) {
        if (!isScalar(division.input(1), 6)) {
            return;
        }
        inner(division.input(0), "Mul")
                .ifPresent(product -> List.of(0, 1).forEach(side -> inner(product.input(1 - side), "Clip")
                        .filter(clip -> isScalar(clip.input(1), 0) && isScalar(clip.input(2), 6))
                        .flatMap(clip -> inner(clip.input(0), "Add"))
                        .filter(sum -> adds(sum, product.input(side), 3))
                        .ifPresent(sum -> {
                            editor.requireOpset(HARD_SWISH_OPSET);
                            editor.replace(
                                    division,
                                    Node.of(
                                            "HardSwish",
                                            division.name(),
                                            List.of(product.input(side)),
                                            List.of(division.output(0))));
                        })));
    }

    private boolean adds(Node sum, String x, float constant) {
        return sum.input(0).equals(x) && isScalar(sum.input(1), constant)
                || sum.input(1).equals(x) && isScalar(sum.input(0), constant);
    }

    private boolean isScalar(String name, float value) {
        return graph.initializer(name)
                .filter(constant ->
                        constant.type() == ElementType.FLOAT && constant.size() == 1 && constant.floats()[0] == value)
                .isPresent();
    }

    /** The node that makes a tensor, if only one other reads it. */
    private Optional<Node> inner(String tensor, String op) {
        return graph.producer(tensor)
                .filter(node -> node.op().equals(op) && graph.consumers(tensor).size() == 1 && !graph.isOutput(tensor));
    }

    /** Products and sums with constants right behind a convolution, one after the other, become part of it. */
    private void constantFactors(Node conv) {
        TensorValue weight = graph.initializers().get(conv.input(1));
        if (weight == null
                || conv.hasInput(2) && graph.initializer(conv.input(2)).isEmpty()) {
            return;
        }
        int channels = (int) weight.shape()[0];
        float[] scale = new float[channels];
        Arrays.fill(scale, 1);
        float[] shift = conv.hasInput(2) ? values(conv, 2) : new float[channels];
        Node last = conv;
        Optional<Node> next = constantSuccessor(last, weight.shape());
        while (next.isPresent()) {
            Node node = next.get();
            int side = node.input(0).equals(last.output(0)) ? 1 : 0;
            float[] constant = values(node, side);
            for (int c = 0; c < channels; c++) {
                float value = constant[constant.length == 1 ? 0 : c];
                if (node.op().equals("Mul")) {
                    scale[c] *= value;
                    shift[c] *= value;
                } else {
                    shift[c] += value;
                }
            }
            editor.remove(last);
            last = node;
            next = constantSuccessor(last, weight.shape());
        }
        if (last == conv) {
            return;
        }
        float[] scaled = weight.floats();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= scale[i / (scaled.length / channels)];
        }
        String weightName =
                editor.initializer(editor.unique(conv.input(1)), TensorValue.ofFloats(scaled, weight.shape()));
        String biasName =
                editor.initializer(editor.unique(last.output(0) + ".bias"), TensorValue.ofFloats(shift, channels));
        editor.replace(
                last,
                conv.withInputs(List.of(conv.input(0), weightName, biasName)).withOutputs(last.outputs()));
    }

    /** The only reader of a node's output, if it adds or multiplies by a constant of one value, or of one for each channel. */
    private Optional<Node> constantSuccessor(Node node, long... weight) {
        List<Node> readers = graph.consumers(node.output(0));
        if (readers.size() != 1 || graph.isOutput(node.output(0))) {
            return Optional.empty();
        }
        Node reader = readers.getFirst();
        if (!reader.op().equals("Add") && !reader.op().equals("Mul")) {
            return Optional.empty();
        }
        String other = reader.input(reader.input(0).equals(node.output(0)) ? 1 : 0);
        return graph.initializer(other)
                .filter(constant -> constant.type() == ElementType.FLOAT
                        && constant.shape().length <= weight.length
                        && (constant.size() == 1 || isPerChannel(constant.shape(), weight[0], weight.length)))
                .map(constant -> reader);
    }

    /** [channels, 1, ...] or [1, channels, 1, ...]. */
    private static boolean isPerChannel(long[] shape, long channels, int rank) {
        int axis = shape.length - rank + 1;
        boolean leading = axis == 0 || axis == 1 && shape[0] == 1;
        return leading
                && shape[axis] == channels
                && Arrays.stream(shape).skip(axis + 1L).allMatch(d -> d == 1);
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
