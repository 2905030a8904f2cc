package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.Map;

/** The grids that the weights of a network have before anything is learned about them. */
final class WeightGrids {

    private final Graph graph;
    private final Map<String, Encoding> activations;
    private final QuantizationPlan plan;

    /** @param activations encodings, by tensor */
    WeightGrids(Graph graph, Map<String, Encoding> activations, QuantizationPlan plan) {
        this.graph = graph;
        this.activations = activations;
        this.plan = plan;
    }

    /** The grid over the range that the weights' calibration chooses. */
    Encoding of(Node layer) {
        TensorValue weight = graph.initializers().get(layer.input(1));
        return WeightQuantizer.encode(
                weight,
                OperatorKind.outputAxis(layer),
                integerBias(layer),
                inputScale(layer),
                plan.weightOptions(layer));
    }

    /** The smallest scales that leave room for the bias; as many as the grid has. */
    float[] leastScales(Node layer, Encoding grid) {
        return WeightQuantizer.leastScales(grid, integerBias(layer), inputScale(layer));
    }

    /** Null where there is none, or none of integers. */
    private float[] integerBias(Node layer) {
        Encoding input = activations.get(layer.input(0));
        return input == null || input.format().isFloat() || !layer.hasInput(2)
                ? null
                : graph.initializers().get(layer.input(2)).floats();
    }

    private float inputScale(Node layer) {
        Encoding input = activations.get(layer.input(0));
        return input == null ? 1 : input.scale()[0];
    }
}
