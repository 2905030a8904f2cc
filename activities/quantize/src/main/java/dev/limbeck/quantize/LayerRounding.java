package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.quantize.RoundingCheckpoint.RoundedWeight;
import dev.limbeck.tensor.Tensor;
import java.util.function.UnaryOperator;

/** Chooses the grid of one layer's weight and rounds it, by what that does to the layer's output. */
final class LayerRounding {

    /** Numbers that second moments may take at most: 16 MB. */
    private static final int MAX_MOMENTS = 1 << 22;

    /** A step of a layer with few inputs needs few rows to know where to go. */
    private static final int ROWS_AN_INPUT = 4;

    private static final int LEAST_ROWS = 64;

    private final Graph original;
    private final WeightGrids grids;
    private final RoundingOptions options;

    /** @param original the float network */
    LayerRounding(Graph original, WeightGrids grids, RoundingOptions options) {
        this.original = original;
        this.grids = grids;
        this.options = options;
    }

    /**
     * @param frontier not beyond the layer; moves on to it
     * @param current the network quantized so far
     * @param method by which the weight is rounded once its grid is chosen
     */
    RoundedWeight round(Frontier frontier, Graph current, Node layer, RoundingOptions.Method method, long seed) {
        TensorValue weight = original.initializers().get(layer.input(1));
        Encoding widest = grids.of(layer);
        boolean learned = method == RoundingOptions.Method.ADAROUND;
        if (!learned && options.candidates() == 0) {
            return new RoundedWeight(Neighbours.nearest(weight, widest), widest.scale());
        }
        WeightMatrix matrix = WeightMatrix.of(original, layer);
        float[] biases =
                layer.hasInput(2) ? original.initializers().get(layer.input(2)).floats() : new float[matrix.channels()];
        frontier.advance(current, layer);
        try (FollowingActivation activation =
                        FollowingActivation.of(original, layer).orElse(null);
                Tensor bias = Tensor.of(biases, matrix.channels());
                LayerLoss loss = loss(frontier, current, layer, matrix, bias, activation, seed)) {
            Encoding grid = options.candidates() == 0
                    ? widest
                    : new SequentialMse(options.candidates())
                            .choose(weight, widest, grids.leastScales(layer, widest), matrix, loss);
            float[] rounded = learned
                    ? new AdaRound(options).round(weight, grid, matrix, loss)
                    : Neighbours.nearest(weight, grid);
            return new RoundedWeight(rounded, grid.scale());
        }
    }

    private LayerLoss loss(
            Frontier frontier,
            Graph current,
            Node layer,
            WeightMatrix matrix,
            Tensor bias,
            FollowingActivation activation,
            long seed) {
        long[] shape = original.initializers().get(layer.input(1)).shape();
        int chunk = Math.min(options.rows(), Math.max(LEAST_ROWS, ROWS_AN_INPUT * matrix.inputs()));
        LayerRows rows = new LayerRows(layer, matrix, shape, chunk, seed);
        long moments = (long) matrix.groups() * matrix.inputs() * matrix.inputs();
        // a step costs inputs^2 outputs from moments, and twice rows inputs outputs from rows
        if (activation == null && matrix.inputs() <= 2 * options.rows() && moments <= MAX_MOMENTS) {
            QuadraticLoss loss = new QuadraticLoss(matrix, bias);
            rows.forEachChunk(frontier, current, loss::add);
            return loss;
        }
        UnaryOperator<Tensor> function = activation == null ? UnaryOperator.identity() : activation;
        SampledLoss loss = new SampledLoss(matrix, bias, function, seed);
        rows.forEachChunk(frontier, current, loss::add);
        return loss;
    }
}
