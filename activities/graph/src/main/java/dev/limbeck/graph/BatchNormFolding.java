package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Moves batch normalizations into the convolution or matrix product before them, or else behind them.
 *
 * <p>With f = g / sqrt(variance + epsilon) and t = beta - mean f, a normalization is y = x f + t for each channel. Into the layer
 * before: W' = W f for each output channel, b' = b f + t. Into the layer behind, where nothing is padded: W' = W f for each input
 * channel, b' = b + sum of W t. A normalization without such a neighbour becomes a Mul and an Add. It stays as it is where its own
 * numbers are computed, and no layer takes it where the tensor between has other readers or is an output, or where the layer's
 * weight is shared.
 */
public final class BatchNormFolding {

    private BatchNormFolding() {}

    /** @return a graph of the same function */
    public static Graph fold(Graph graph) {
        Graph before = repeated(graph, BatchNormFolding::foldBackward);
        Graph behind = repeated(before, BatchNormFolding::foldForward);
        return scaleAndShift(behind);
    }

    // One pass changes a layer once; normalizations in a row need more.
    private static Graph repeated(Graph graph, UnaryOperator<Graph> pass) {
        Graph folded = graph;
        for (Graph next = pass.apply(folded); next != folded; next = pass.apply(folded)) {
            folded = next;
        }
        return folded;
    }

    private static Graph foldBackward(Graph graph) {
        GraphEditor editor = graph.edit();
        boolean changed = false;
        for (Node norm : graph.nodes()) {
            Affine affine = Affine.of(graph, norm).orElse(null);
            LinearLayer layer = affine == null || !isOnlyLink(graph, norm.input(0))
                    ? null
                    : graph.producer(norm.input(0))
                            .flatMap(node -> LinearLayer.of(graph, node))
                            .filter(l -> l.outputs() == affine.channels())
                            .orElse(null);
            if (layer == null) {
                continue;
            }
            float[] weight = layer.weight().clone();
            for (int i = 0; i < weight.length; i++) {
                weight[i] = (float) (weight[i] * affine.factor()[layer.outputChannel()[i]]);
            }
            float[] bias = new float[layer.outputs()];
            for (int i = 0; i < bias.length; i++) {
                bias[i] = (float) (layer.bias()[i] * affine.factor()[i] + affine.shift()[i]);
            }
            Node merged = layer.with(editor, weight, bias).withOutputs(List.of(norm.output(0)));
            editor.replace(layer.node(), merged).remove(norm);
            changed = true;
        }
        return changed ? editor.build() : graph;
    }

    private static Graph foldForward(Graph graph) {
        GraphEditor editor = graph.edit();
        for (Node norm : graph.nodes()) {
            Affine affine = Affine.of(graph, norm).orElse(null);
            if (affine == null || !isOnlyLink(graph, norm.output(0))) {
                continue;
            }
            LinearLayer layer = Optional.of(graph.consumers(norm.output(0)).getFirst())
                    .filter(node -> node.inputs().indexOf(norm.output(0)) == 0)
                    .flatMap(node -> LinearLayer.of(graph, node))
                    .filter(l -> l.isUnpadded() && l.inputs() == affine.channels())
                    .orElse(null);
            if (layer == null) {
                continue;
            }
            float[] weight = layer.weight().clone();
            double[] bias = new double[layer.outputs()];
            // Gemm multiplies the product with the weight by alpha.
            double alpha = layer.node().number("alpha", 1);
            for (int i = 0; i < weight.length; i++) {
                int channel = layer.inputChannel()[i];
                bias[layer.outputChannel()[i]] += alpha * weight[i] * affine.shift()[channel];
                weight[i] = (float) (weight[i] * affine.factor()[channel]);
            }
            float[] folded = new float[bias.length];
            for (int i = 0; i < folded.length; i++) {
                folded[i] = (float) (layer.bias()[i] + bias[i]);
            }
            Node merged = layer.with(editor, weight, folded);
            editor.replace(layer.node(), merged.withInputs(List.of(norm.input(0), merged.input(1), merged.input(2))))
                    .remove(norm);
            // A normalization in front of this layer's may follow in the next pass.
            return editor.build();
        }
        return graph;
    }

    private static boolean isOnlyLink(Graph graph, String tensor) {
        List<Node> readers = graph.consumers(tensor);
        return readers.size() == 1
                && !graph.isOutput(tensor)
                && readers.getFirst().inputs().stream().filter(tensor::equals).count() == 1;
    }

    private static Graph scaleAndShift(Graph graph) {
        if (graph.nodes().stream().noneMatch(node -> node.op().equals("BatchNormalization"))) {
            return graph;
        }
        Map<String, ValueInfo> shapes;
        try {
            shapes = Subgraph.shapes(graph);
        } catch (BadInputException e) {
            // Without the rank there is no telling what the constants must look like.
            return graph;
        }
        GraphEditor editor = graph.edit();
        for (Node norm : graph.nodes()) {
            Affine.of(graph, norm).ifPresent(affine -> replace(editor, norm, affine, shapes.get(norm.input(0))));
        }
        return editor.build();
    }

    private static void replace(GraphEditor editor, Node norm, Affine affine, ValueInfo input) {
        long[] shape = new long[Math.max(1, input.shape().length - 1)]; // [channels, 1, 1...] behind the batch
        Arrays.fill(shape, 1);
        shape[0] = affine.channels();
        String base = norm.output(0);
        String factor = editor.initializer(editor.unique(base + ".factor"), constant(affine.factor(), shape));
        String shift = editor.initializer(editor.unique(base + ".shift"), constant(affine.shift(), shape));
        String scaled = editor.add("Mul", base + ".scaled", norm.input(0), factor);
        editor.replace(norm, Node.of("Add", norm.name(), List.of(scaled, shift), List.of(base)));
    }

    private static TensorValue constant(double[] values, long... shape) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return TensorValue.ofFloats(floats, shape);
    }

    /** A normalization as y = x factor + shift, per channel. */
    private record Affine(double[] factor, double[] shift) {

        /** Empty for other nodes, where the numbers are computed or not finite, and in training mode. */
        static Optional<Affine> of(Graph graph, Node node) {
            boolean plain = node.op().equals("BatchNormalization")
                    && node.integer("training_mode", 0) == 0
                    && node.integer("spatial", 1) == 1
                    && node.inputs().size() == 5
                    && node.outputs().stream().skip(1).allMatch(String::isEmpty)
                    && node.inputs().stream().skip(1).allMatch(name -> graph.initializer(name)
                            .filter(v -> v.type() == ElementType.FLOAT)
                            .isPresent());
            if (!plain) {
                return Optional.empty();
            }
            float[] gain = floats(graph, node, 1);
            float[] beta = floats(graph, node, 2);
            float[] mean = floats(graph, node, 3);
            float[] variance = floats(graph, node, 4);
            if (beta.length != gain.length || mean.length != gain.length || variance.length != gain.length) {
                return Optional.empty();
            }
            double epsilon = node.number("epsilon", 1e-5f);
            double[] factor = new double[gain.length];
            double[] shift = new double[gain.length];
            for (int i = 0; i < gain.length; i++) {
                factor[i] = gain[i] / Math.sqrt(variance[i] + epsilon);
                shift[i] = beta[i] - mean[i] * factor[i];
            }
            boolean finite = Arrays.stream(factor).allMatch(Double::isFinite)
                    && Arrays.stream(shift).allMatch(Double::isFinite);
            return finite ? Optional.of(new Affine(factor, shift)) : Optional.empty();
        }

        int channels() {
            return factor.length;
        }

        private static float[] floats(Graph graph, Node node, int input) {
            return graph.initializers().get(node.input(input)).floats();
        }
    }
}
