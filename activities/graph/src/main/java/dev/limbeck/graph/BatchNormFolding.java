package dev.limbeck.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Moves batch normalizations into the convolution or matrix product before them.
 *
 * <p>W' = W g / s and b' = beta + (b - mean) g / s with s = sqrt(variance + epsilon), for each output channel. A normalization stays
 * where the tensor between has other readers, or where the weight is shared or computed.
 */
public final class BatchNormFolding {

    private BatchNormFolding() {}

    /** @return a graph of the same function */
    public static Graph fold(Graph graph) {
        GraphEditor editor = graph.edit();
        for (Node norm : graph.nodes()) {
            if (norm.op().equals("BatchNormalization")) {
                foldable(graph, norm).ifPresent(layer -> fold(graph, editor, layer, norm));
            }
        }
        return editor.build();
    }

    private static Optional<Node> foldable(Graph graph, Node norm) {
        boolean trained = norm.integer("training_mode", 0) == 1;
        boolean known = norm.inputs().stream().skip(1).allMatch(graph.initializers()::containsKey);
        if (trained || !known) {
            return Optional.empty();
        }
        return graph.producer(norm.input(0))
                .filter(layer -> outputAxis(layer) >= 0)
                .filter(layer -> graph.consumers(norm.input(0)).size() == 1)
                .filter(layer ->
                        graph.outputs().stream().noneMatch(o -> o.name().equals(norm.input(0))))
                .filter(layer -> owned(graph, layer.input(1)))
                .filter(layer -> !layer.hasInput(2) || graph.initializers().containsKey(layer.input(2)));
    }

    private static boolean owned(Graph graph, String weight) {
        return graph.initializers().containsKey(weight)
                && graph.consumers(weight).size() == 1;
    }

    /** The axis of the output channels in the layer's weight; -1 where it cannot be folded into. */
    private static int outputAxis(Node layer) {
        return switch (layer.op()) {
            case "Conv" -> 0;
            case "ConvTranspose" -> layer.integer("group", 1) == 1 ? 1 : -1;
            case "Gemm" -> {
                boolean plain = layer.number("alpha", 1) == 1 && layer.number("beta", 1) == 1;
                yield plain ? (layer.integer("transB", 0) == 1 ? 0 : 1) : -1;
            }
            default -> -1;
        };
    }

    private static void fold(Graph graph, GraphEditor editor, Node layer, Node norm) {
        float[] gain = values(graph, norm, 1);
        float[] shift = values(graph, norm, 2);
        float[] mean = values(graph, norm, 3);
        float[] variance = values(graph, norm, 4);
        double epsilon = norm.number("epsilon", 1e-5f);
        int channels = gain.length;
        double[] factor = new double[channels];
        for (int i = 0; i < channels; i++) {
            factor[i] = gain[i] / Math.sqrt(variance[i] + epsilon);
        }
        TensorValue weight = graph.initializers().get(layer.input(1));
        float[] bias = layer.hasInput(2) ? values(graph, layer, 2) : new float[channels];
        if (bias.length == 1 && channels > 1) {
            float only = bias[0];
            bias = new float[channels];
            Arrays.fill(bias, only);
        }
        float[] folded = new float[channels];
        for (int i = 0; i < channels; i++) {
            folded[i] = (float) (shift[i] + (bias[i] - mean[i]) * factor[i]);
        }
        String weightName = editor.initializer(
                editor.unique(layer.input(1) + ".folded"), scaled(weight, outputAxis(layer), factor));
        String biasName =
                editor.initializer(editor.unique(layer.input(1) + ".bias"), TensorValue.ofFloats(folded, channels));
        List<String> inputs = new ArrayList<>(layer.inputs().subList(0, 1));
        inputs.add(weightName);
        inputs.add(biasName);
        Node merged = layer.withInputs(inputs).withOutputs(List.of(norm.output(0)));
        editor.replace(layer, merged).remove(norm);
    }

    private static TensorValue scaled(TensorValue weight, int axis, double[] factor) {
        long[] shape = weight.shape();
        int inner = (int) TensorValue.elements(Arrays.copyOfRange(shape, axis + 1, shape.length));
        float[] data = weight.floats();
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (data[i] * factor[i / inner % factor.length]);
        }
        return TensorValue.ofFloats(data, shape);
    }

    private static float[] values(Graph graph, Node node, int input) {
        return graph.initializers().get(node.input(input)).floats();
    }
}
