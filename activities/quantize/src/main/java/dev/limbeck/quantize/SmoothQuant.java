package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.Items;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Moves the spread of an activation's channels into the weights that read it, so that one scale suits all channels (SmoothQuant, Xiao
 * et al. 2023): X W = (X / s) (s W) with s_j = max|X_j|^alpha / max|W_j|^(1 - alpha) for each channel j (eq. 4).
 *
 * <p>X is what a normalisation or a product makes and matrix products with constant weights read. X / s costs nothing where they alone
 * read it and the factors of the normalisation or product are constant; otherwise it takes one multiplication.
 */
final class SmoothQuant {

    private static final Set<String> NORMALISATIONS =
            Set.of("LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization");

    /** Factors stay between this and its inverse: beyond it a channel is as good as dead on one side. */
    private static final double LEAST_FACTOR = 1e-4;

    private final Graph graph;
    private final double alpha;
    private final GraphEditor editor;

    /** @param alpha how much of the spread goes into the weights, 0 to 1 */
    SmoothQuant(Graph graph, double alpha) {
        this.graph = graph;
        this.alpha = alpha;
        this.editor = graph.edit();
    }

    /**
     * @param graph the same function, all activations smoothed that could be
     * @param tensors that were
     */
    record Smoothed(Graph graph, List<String> tensors) {}

    /** @param images of the network's inputs */
    Smoothed smooth(Items images, QuantizeOptions options) {
        Map<String, List<Node>> readers = readers();
        Map<String, float[]> largest = new HashMap<>();
        if (!readers.isEmpty()) {
            int batch = ActivationRanges.batch(images);
            Activations.forEachBatch(
                    graph,
                    List.copyOf(readers.keySet()),
                    images,
                    batch,
                    options.session(),
                    (from, values) -> values.forEach((tensor, value) -> largest.merge(
                            tensor,
                            magnitudes(value.data(), (int) value.shape()[value.shape().length - 1]),
                            SmoothQuant::larger)));
        }
        readers.forEach((tensor, layers) -> smooth(tensor, layers, largest.get(tensor)));
        return new Smoothed(editor.build(), List.copyOf(readers.keySet()));
    }

    /** By tensor, the matrix products that read it. */
    private Map<String, List<Node>> readers() {
        Map<String, List<Node>> readers = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            if (isMatrixProduct(node)
                    && graph.producer(node.input(0)).filter(this::isScaled).isPresent()) {
                readers.computeIfAbsent(node.input(0), t -> new ArrayList<>()).add(node);
            }
        }
        // a weight that something else reads as well must stay
        readers.values().removeIf(layers -> layers.stream()
                .anyMatch(layer -> !new HashSet<>(layers).containsAll(graph.consumers(layer.input(1)))));
        return readers;
    }

    private boolean isMatrixProduct(Node node) {
        return !node.op().equals("Conv") && OperatorKind.of(graph, node) == OperatorKind.WEIGHTED;
    }

    /** Whether a node normalises or multiplies, perhaps with a constant added at the end. */
    private boolean isScaled(Node node) {
        boolean shifted = node.op().equals("Add")
                && graph.initializers().containsKey(node.input(1))
                && graph.producer(node.input(0))
                        .filter(n -> n.op().equals("Mul"))
                        .isPresent();
        return shifted || node.op().equals("Mul") || normalises(node);
    }

    private static boolean normalises(Node node) {
        return NORMALISATIONS.contains(node.op());
    }

    /** Of each channel, which come last. */
    private static float[] magnitudes(float[] values, int channels) {
        float[] largest = new float[channels];
        for (int i = 0; i < values.length; i++) {
            largest[i % channels] = Math.max(largest[i % channels], Math.abs(values[i]));
        }
        return largest;
    }

    private static float[] larger(float[] a, float[] b) {
        float[] larger = new float[a.length];
        for (int i = 0; i < larger.length; i++) {
            larger[i] = Math.max(a[i], b[i]);
        }
        return larger;
    }

    private void smooth(String tensor, List<Node> layers, float[] activations) {
        float[] weights = new float[activations.length];
        Set<String> names = new HashSet<>();
        for (Node layer : layers) {
            names.add(layer.input(1));
            weights = larger(weights, rowMagnitudes(layer, activations.length));
        }
        float[] factors = new float[activations.length];
        for (int j = 0; j < factors.length; j++) {
            double factor = Math.pow(activations[j], alpha) / Math.pow(weights[j], 1 - alpha);
            boolean live = activations[j] > 0 && weights[j] > 0;
            factors[j] = live ? (float) Math.clamp(factor, LEAST_FACTOR, 1 / LEAST_FACTOR) : 1;
        }
        boolean folded = graph.consumers(tensor).size() == layers.size()
                && !graph.isOutput(tensor)
                && fold(graph.producer(tensor).orElseThrow(), factors);
        if (!folded) {
            insert(tensor, layers, factors);
        }
        for (String name : names) {
            Node layer = layers.stream()
                    .filter(l -> l.input(1).equals(name))
                    .findFirst()
                    .orElseThrow();
            editor.initializer(name, scaled(layer, factors));
        }
    }

    /** The largest weight of each input channel. */
    private float[] rowMagnitudes(Node layer, int channels) {
        TensorValue weight = graph.initializers().get(layer.input(1));
        float[] values = weight.floats();
        float[] largest = new float[channels];
        for (int i = 0; i < values.length; i++) {
            int channel = inputChannel(layer, weight, i);
            largest[channel] = Math.max(largest[channel], Math.abs(values[i]));
        }
        return largest;
    }

    private static int inputChannel(Node layer, TensorValue weight, int element) {
        int columns = (int) weight.shape()[1];
        return OperatorKind.outputAxis(layer) == 0 ? element % columns : element / columns;
    }

    private TensorValue scaled(Node layer, float[] factors) {
        TensorValue weight = graph.initializers().get(layer.input(1));
        float[] values = weight.floats();
        for (int i = 0; i < values.length; i++) {
            values[i] *= factors[inputChannel(layer, weight, i)];
        }
        return TensorValue.ofFloats(values, weight.shape());
    }

    /** Divides the constants by which a node scales and shifts its channels; @return false where it has none */
    private boolean fold(Node node, float[] factors) {
        if (normalises(node)) {
            if (!isPerChannel(node.input(1), factors) || node.hasInput(2) && !isPerChannel(node.input(2), factors)) {
                return false;
            }
            Node divided = divided(node, 1, factors);
            editor.replace(node, node.hasInput(2) ? divided(divided, 2, factors) : divided);
            return true;
        }
        if (node.op().equals("Mul")) {
            Optional<Integer> constant = constantInput(node, factors);
            constant.ifPresent(input -> editor.replace(node, divided(node, input, factors)));
            return constant.isPresent();
        }
        Node product = graph.producer(node.input(0)).orElseThrow();
        boolean folded = isPerChannel(node.input(1), factors)
                && graph.consumers(product.output(0)).size() == 1
                && !graph.isOutput(product.output(0))
                && fold(product, factors);
        if (folded) {
            editor.replace(node, divided(node, 1, factors));
        }
        return folded;
    }

    private Optional<Integer> constantInput(Node node, float[] factors) {
        return List.of(0, 1).stream()
                .filter(input -> isPerChannel(node.input(input), factors))
                .findFirst();
    }

    /** Whether a constant has one value for each channel. */
    private boolean isPerChannel(String name, float[] factors) {
        return graph.initializer(name)
                .filter(value -> value.size() == factors.length
                        && value.shape().length > 0
                        && value.shape()[value.shape().length - 1] == factors.length)
                .isPresent();
    }

    /** The node with a constant of its own. */
    private Node divided(Node node, int input, float[] factors) {
        TensorValue constant = graph.initializers().get(node.input(input));
        float[] values = constant.floats();
        for (int j = 0; j < values.length; j++) {
            values[j] /= factors[j];
        }
        List<String> inputs = new ArrayList<>(node.inputs());
        String name = editor.unique(node.input(input) + "_smoothed");
        inputs.set(input, editor.initializer(name, TensorValue.ofFloats(values, constant.shape())));
        return node.withInputs(inputs);
    }

    private void insert(String tensor, List<Node> layers, float[] factors) {
        float[] inverses = new float[factors.length];
        for (int j = 0; j < inverses.length; j++) {
            inverses[j] = 1 / factors[j];
        }
        String name = editor.initializer(
                editor.unique(tensor + "_smoothing"), TensorValue.ofFloats(inverses, inverses.length));
        String smoothed = editor.add("Mul", tensor + "_smoothed", tensor, name);
        for (Node layer : layers) {
            List<String> inputs = new ArrayList<>(layer.inputs());
            inputs.set(0, smoothed);
            editor.replace(layer, layer.withInputs(inputs));
        }
    }
}
