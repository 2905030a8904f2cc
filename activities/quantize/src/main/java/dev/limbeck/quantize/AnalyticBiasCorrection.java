package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/**
 * Bias correction without data (Nagel et al. 2019, section 4.2.1): b -= (W_quantized - W) E[x], where the means E[x] of a layer's
 * input follow from batch norms. Layers whose input's means are not known keep their bias.
 */
final class AnalyticBiasCorrection {

    private final Map<String, ChannelStatistics> statistics;
    private final Map<String, Encoding> encodings;

    /** @param encodings of the weights, by their names */
    AnalyticBiasCorrection(Map<String, ChannelStatistics> statistics, Map<String, Encoding> encodings) {
        this.statistics = statistics;
        this.encodings = encodings;
    }

    /** @param graph the float network, as made by {@link BiasCorrection#withBiases}; @return the same with corrected biases */
    Graph correct(Graph graph) {
        Map<String, ValueInfo> shapes = ShapeInference.infer(graph, 1);
        GraphEditor editor = graph.edit();
        for (Node layer : graph.nodes()) {
            ChannelStatistics input = statistics.get(layer.input(0));
            Encoding encoding = encodings.get(layer.input(1));
            if (input == null || encoding == null || !BiasCorrection.isCorrected(graph, layer)) {
                continue;
            }
            WeightedSum sum = WeightedSum.of(graph, layer, shapes).orElseThrow();
            if (sum.inputs() != input.channels()) {
                continue;
            }
            float[] bias = graph.initializers().get(layer.input(2)).floats();
            double[] shift = sum.means(errors(graph.initializers().get(layer.input(1)), encoding), input.mean());
            for (int c = 0; c < bias.length; c++) {
                bias[c] -= (float) shift[c];
            }
            editor.initializer(layer.input(2), TensorValue.ofFloats(bias, bias.length));
        }
        return editor.build();
    }

    private static float[] errors(TensorValue weight, Encoding encoding) {
        IntUnaryOperator scaleIndex = encoding.scaleIndex(weight.shape());
        float[] values = weight.floats();
        for (int i = 0; i < values.length; i++) {
            values[i] = encoding.simulate(values[i], scaleIndex.applyAsInt(i)) - values[i];
        }
        return values;
    }
}
