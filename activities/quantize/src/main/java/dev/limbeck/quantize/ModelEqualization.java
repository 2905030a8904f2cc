package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * All that equalization does to a whole network, in this order: Clips become ReLUs where that pays, layers are equalized, high
 * biases absorbed.
 */
final class ModelEqualization {

    /** Share of a tensor's power that may lie beyond the bound of a Clip that is given up. */
    private static final double TOLERATED_EXCESS = 0.01;

    private final Graph graph;
    private final BatchNormStatistics norms;

    /**
     * @param graph without batch norms, each layer with a bias of its own
     * @param norms the statistics of the batch norms it had
     */
    ModelEqualization(Graph graph, BatchNormStatistics norms) {
        this.graph = graph;
        this.norms = norms;
    }

    /**
     * @param norms as they are after the channels were rescaled
     * @param steps what was done, in words
     */
    record Equalized(Graph graph, BatchNormStatistics norms, List<String> steps) {}

    /** By what batch norms tell alone. */
    Equalized equalize() {
        return equalize(this::isSpare, true);
    }

    /** @param clips which Clips between layers become ReLUs */
    Equalized equalize(Predicate<Node> clips, boolean absorb) {
        List<String> steps = new ArrayList<>();
        Graph unbounded = Equalization.withoutClips(graph, clips);
        long given = clips(graph) - clips(unbounded);
        if (given > 0) {
            steps.add(given + " Clips turned into ReLUs");
        }
        Equalization.Equalized scaled = Equalization.scaled(unbounded);
        BatchNormStatistics scaledNorms = norms.divided(scaled.scales());
        steps.add("layers equalized");
        if (!absorb) {
            return new Equalized(scaled.graph(), scaledNorms, steps);
        }
        HighBiasAbsorption absorption = new HighBiasAbsorption(scaledNorms);
        Graph absorbed = absorption.absorb(scaled.graph());
        if (absorption.channels() > 0) {
            steps.add("high biases of " + absorption.channels() + " channels absorbed");
        }
        return new Equalized(absorbed, scaledNorms, steps);
    }

    private static long clips(Graph graph) {
        return graph.nodes().stream().filter(node -> node.op().equals("Clip")).count();
    }

    /** Whether so little lies beyond the bound of a Clip that a ReLU may take its place. */
    private boolean isSpare(Node clip) {
        String input = clip.input(0);
        if (!norms.has(input)) {
            return false;
        }
        double high = OperatorKind.upperBound(graph, clip).orElse(Float.POSITIVE_INFINITY);
        double excess = 0;
        double power = 0;
        for (int c = 0; c < norms.channels(input); c++) {
            NormalDistribution.Moments above = norms.of(input, c).clipped(high, Double.POSITIVE_INFINITY);
            NormalDistribution.Moments inside = norms.of(input, c).clipped(0, high);
            excess += Double.isInfinite(high) ? 0 : above.variance() + Math.pow(above.mean() - high, 2);
            power += inside.variance() + Math.pow(inside.mean(), 2);
        }
        return excess <= TOLERATED_EXCESS * power;
    }
}
