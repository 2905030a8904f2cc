package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Empirical bias correction (Nagel et al. 2019, section 4.2): layer by layer, b -= mean(quantized output) - mean(float output), for
 * each channel over images and positions. The quantized output is that of the integer kernels up to the layer, with all layers
 * before it corrected, before its own activation and quantization.
 */
final class BiasCorrection {

    /** Means settle early; more images only cost time. */
    private static final int IMAGES = 256;

    private final QuantizationPlan plan;
    private final Map<String, Encoding> encodings;
    private final QuantizeOptions options;
    private final Items images;
    private final Progress progress;

    BiasCorrection(
            QuantizationPlan plan,
            Map<String, Encoding> encodings,
            QuantizeOptions options,
            Items images,
            Progress progress) {
        this.plan = plan;
        this.encodings = encodings;
        this.options = options;
        this.images = images.count() > IMAGES ? images.slice(0, IMAGES) : images;
        this.progress = progress;
    }

    /** Gives every convolution and Gemm a bias of its own, so that there is one to correct. */
    static Graph withBiases(Graph graph) {
        GraphEditor editor = graph.edit();
        for (Node node : graph.nodes()) {
            if (!isCorrected(graph, node)) {
                continue;
            }
            TensorValue weight = graph.initializers().get(node.input(1));
            float[] bias = node.hasInput(2)
                    ? graph.initializers().get(node.input(2)).floats()
                    : new float[(int) weight.shape()[OperatorKind.outputAxis(node)]];
            String name = editor.initializer(
                    editor.unique(node.output(0) + ".own_bias"), TensorValue.ofFloats(bias, bias.length));
            editor.replace(node, node.withInputs(List.of(node.input(0), node.input(1), name)));
        }
        return editor.build();
    }

    /**
     * @param graph the float network, as made by {@link #withBiases}
     * @param rounded the same, or with weights on their grids
     * @return that with corrected biases
     */
    Graph correct(Graph graph, Graph rounded) {
        List<Node> layers =
                graph.nodes().stream().filter(node -> isCorrected(graph, node)).toList();
        if (layers.isEmpty()) {
            return rounded;
        }
        Map<String, double[]> expected =
                means(graph, layers.stream().map(l -> l.output(0)).toList());
        Graph corrected = rounded;
        int done = 0;
        for (Node layer : layers) {
            QdqWriter writer = new QdqWriter(corrected, plan, new HashMap<>(encodings));
            Graph quantized = writer.write();
            String tensor = writer.rawOutput(layer);
            double[] actual = means(quantized, List.of(tensor)).get(tensor);
            float[] bias = corrected.initializers().get(layer.input(2)).floats();
            for (int c = 0; c < bias.length; c++) {
                bias[c] -= (float) (actual[c] - expected.get(layer.output(0))[c]);
            }
            GraphEditor editor = corrected.edit();
            editor.initializer(layer.input(2), TensorValue.ofFloats(bias, bias.length));
            corrected = editor.build();
            progress.report("correct biases", ++done, layers.size(), layer.label());
        }
        return corrected;
    }

    static boolean isCorrected(Graph graph, Node node) {
        return OperatorKind.of(graph, node) == OperatorKind.WEIGHTED
                && !node.op().equals("MatMul");
    }

    /** Means over images and positions of [N, C, ...]. */
    private Map<String, double[]> means(Graph graph, List<String> tensors) {
        Map<String, double[]> sums = new HashMap<>();
        Map<String, Long> counts = new HashMap<>();
        int batch = ActivationRanges.batch(images);
        Activations.forEachBatch(graph, new ArrayList<>(tensors), images, batch, options.session(), (from, values) -> {
            values.forEach((tensor, value) -> {
                int channels = (int) value.shape()[1];
                int positions = value.itemSize() / channels;
                double[] sum = sums.computeIfAbsent(tensor, t -> new double[channels]);
                float[] data = value.data();
                for (int i = 0; i < data.length; i++) {
                    sum[i / positions % channels] += data[i];
                }
                counts.merge(tensor, (long) value.batch() * positions, Long::sum);
            });
        });
        sums.forEach((tensor, sum) -> {
            for (int c = 0; c < sum.length; c++) {
                sum[c] /= counts.get(tensor);
            }
        });
        return sums;
    }
}
