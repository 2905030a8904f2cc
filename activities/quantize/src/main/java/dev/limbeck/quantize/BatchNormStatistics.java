package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What batch norms tell of a network's activations without any data: the output of one is distributed as N(shift, gain^2) in each
 * channel (Nagel et al. 2019, section 4.2.1). Read before the norms are folded, and kept true while channels are rescaled.
 */
final class BatchNormStatistics {

    private record Norm(double[] mean, double[] deviation) {}

    private final Map<String, Norm> norms = new LinkedHashMap<>();

    private BatchNormStatistics() {}

    /** By the tensors that batch norms make; folding them keeps these names. */
    static BatchNormStatistics of(Graph graph) {
        BatchNormStatistics statistics = new BatchNormStatistics();
        for (Node node : graph.nodes()) {
            if (node.op().equals("BatchNormalization") && isConstant(graph, node, 1) && isConstant(graph, node, 2)) {
                float[] gain = graph.initializers().get(node.input(1)).floats();
                float[] shift = graph.initializers().get(node.input(2)).floats();
                double[] mean = new double[gain.length];
                double[] deviation = new double[gain.length];
                for (int c = 0; c < gain.length; c++) {
                    mean[c] = shift[c];
                    deviation[c] = Math.abs(gain[c]);
                }
                statistics.norms.put(node.output(0), new Norm(mean, deviation));
            }
        }
        return statistics;
    }

    private static boolean isConstant(Graph graph, Node node, int input) {
        return graph.initializer(node.input(input))
                .filter(value -> value.type() == ElementType.FLOAT)
                .isPresent();
    }

    Set<String> tensors() {
        return norms.keySet();
    }

    boolean has(String tensor) {
        return norms.containsKey(tensor);
    }

    int channels(String tensor) {
        return norms.get(tensor).mean().length;
    }

    NormalDistribution of(String tensor, int channel) {
        Norm norm = norms.get(tensor);
        return new NormalDistribution(norm.mean()[channel], norm.deviation()[channel]);
    }

    /** @return the statistics after the channels of tensors have been divided by these numbers */
    BatchNormStatistics divided(Map<String, double[]> scales) {
        BatchNormStatistics divided = new BatchNormStatistics();
        norms.forEach((tensor, norm) -> {
            double[] scale = scales.get(tensor);
            double[] mean = norm.mean().clone();
            double[] deviation = norm.deviation().clone();
            for (int c = 0; scale != null && c < scale.length; c++) {
                mean[c] /= scale[c];
                deviation[c] /= scale[c];
            }
            divided.norms.put(tensor, new Norm(mean, deviation));
        });
        return divided;
    }

    /** After these numbers have been subtracted from the channels of a tensor. */
    void subtract(String tensor, double[] shift) {
        Norm norm = norms.get(tensor);
        for (int c = 0; c < shift.length; c++) {
            norm.mean()[c] -= shift[c];
        }
    }
}
