package dev.limbeck.quantize;

import dev.limbeck.graph.BatchNormFolding;
import dev.limbeck.graph.FloatNetworkChecks;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Cross-layer equalization (Nagel et al. 2019, section 4.1): rescales the channels between layers so that the weights of a channel
 * are of like size in all of them, and one scale for a whole weight fits every channel.
 *
 * <p>With r_i the largest |weight| of a channel in layer i of n, and g their geometric mean, the output of layer i is divided by s_i
 * = r_1 ... r_i / g^i. For a pair this is s = r1 / sqrt(r1 r2), for a triple with a depthwise layer in the middle s12 = r1 /
 * cbrt(r1 r2 r3) and s23 = cbrt(r1 r2 r3) / r3. Chains share layers, so passes are repeated until the scales settle. Chains lead
 * through pooling and flattening into the classifier.
 */
public final class Equalization {

    private static final int MAXIMUM_PASSES = 50;
    private static final double SETTLED = 1e-3;

    /** Of a bias that counts as a weight; biases of trained channels are up to some ten times the largest weight. */
    private static final double BIAS_SHARE = 1 / 16.0;

    private Equalization() {}

    /**
     * A network and what was done to it.
     *
     * @param scales what the output channels of each layer were divided by, by the tensor that the layer makes
     */
    record Equalized(Graph graph, Map<String, double[]> scales) {}

    /** @return a graph of the same function, batch norms folded; a ReLU6 or other Clip ends a chain */
    public static Graph equalize(Graph graph) {
        return scaled(BatchNormFolding.fold(graph)).graph();
    }

    /**
     * A network made ready for coarse grids, and what was done to it, in words.
     *
     * @param spreadBefore the largest over the smallest max |w| of the channels from one layer to the next, where that is largest
     * @param spreadAfter the same of the new network
     */
    public record EqualizedModel(Graph graph, double spreadBefore, double spreadAfter, List<String> steps) {}

    /**
     * All that helps quantization and needs no data, in one call: batch norms folded, ReLU6 turned into ReLU where batch norms say
     * that hardly anything lies beyond, layers equalized, high biases absorbed.
     *
     * @throws dev.limbeck.schemas.BadInputException naming the node, if the network is quantized already or has weights that are not
     *     numbers
     */
    public static EqualizedModel equalizeModel(Graph graph) {
        FloatNetworkChecks.checkConstants(graph);
        Graph folded = BiasCorrection.withBiases(BatchNormFolding.fold(graph));
        ModelEqualization.Equalized equalized = new ModelEqualization(folded, BatchNormStatistics.of(graph)).equalize();
        List<String> steps = new ArrayList<>(List.of("batch norms folded"));
        steps.addAll(equalized.steps());
        return new EqualizedModel(equalized.graph(), spread(folded), spread(equalized.graph()), steps);
    }

    /** The ratio of the largest to the smallest range of the channels that lead from one layer to the next, at its largest. */
    private static double spread(Graph graph) {
        double largest = 1;
        for (List<Layer> chain : new LayerChains(graph, true).find()) {
            double[] alive = Arrays.stream(chain.getFirst().outputRanges())
                    .filter(range -> range > 0)
                    .toArray();
            if (alive.length > 0) {
                double max = Arrays.stream(alive).max().getAsDouble();
                largest = Math.max(largest, max / Arrays.stream(alive).min().getAsDouble());
            }
        }
        return largest;
    }

    /** Turns Clips between the layers of chains into ReLUs. */
    static Graph withoutClips(Graph folded, Predicate<Node> which) {
        LayerChains chains = new LayerChains(folded, true);
        chains.find();
        GraphEditor editor = folded.edit();
        for (Node node : folded.nodes()) {
            if (node.op().equals("Clip") && chains.clips().contains(node.output(0)) && which.test(node)) {
                editor.replace(node, Node.of("Relu", node.name(), List.of(node.input(0)), node.outputs()));
            }
        }
        return editor.build();
    }

    /** @param graph without batch norms */
    static Equalized scaled(Graph graph) {
        LayerChains found = new LayerChains(graph, false);
        List<List<Layer>> chains = found.find();
        Map<String, double[]> scales = new HashMap<>();
        chains.forEach(chain -> clearDead(chain, scales));
        for (int pass = 0; pass < MAXIMUM_PASSES; pass++) {
            double largest = 0;
            for (List<Layer> chain : chains) {
                largest = Math.max(largest, equalize(chain, scales));
            }
            if (largest < SETTLED) {
                break;
            }
        }
        GraphEditor editor = graph.edit();
        found.layers().values().forEach(layer -> layer.store(editor));
        return new Equalized(editor.build(), scales);
    }

    /** @return the largest |log scale| that was applied */
    private static double equalize(List<Layer> chain, Map<String, double[]> scales) {
        int channels = chain.getFirst().outputs();
        int count = chain.size();
        double[][] ranges = new double[count][];
        double[] mean = new double[channels]; // geometric, as a logarithm
        for (int i = 0; i < count; i++) {
            ranges[i] = ranges(chain, i, channels);
            for (int c = 0; c < channels; c++) {
                mean[c] += Math.log(ranges[i][c]) / count;
            }
        }
        double largest = 0;
        double[] total = new double[channels]; // logarithm of s_i
        for (int i = 0; i + 1 < count; i++) {
            double[] scale = new double[channels];
            Arrays.fill(scale, 1);
            for (int c = 0; c < channels; c++) {
                if (mean[c] > Double.NEGATIVE_INFINITY) { // else the channel is dead in one of the layers
                    total[c] += Math.log(ranges[i][c]) - mean[c];
                    scale[c] = Math.exp(total[c]);
                    largest = Math.max(largest, Math.abs(total[c]));
                }
            }
            chain.get(i).divideOutputs(scale);
            scales.merge(chain.get(i).node().output(0), scale, Equalization::product);
            chain.get(i + 1).multiplyInputs(scale);
        }
        return largest;
    }

    /**
     * The largest |weight| of each channel. A channel whose output hardly depends on its input, and is therefore as large as its
     * bias, counts by that: else equalization would make the bias, and with it the range of the activations, as large as it likes.
     */
    private static double[] ranges(List<Layer> chain, int i, int channels) {
        double[] ranges =
                i == 0 ? chain.getFirst().outputRanges() : chain.get(i).inputRanges(channels);
        for (int c = 0; i + 1 < chain.size() && c < channels; c++) {
            ranges[c] = Math.max(ranges[c], BIAS_SHARE * Math.abs(chain.get(i).bias(c)));
        }
        return ranges;
    }

    /** Sets to zero what makes channels that nobody reads, and what reads channels that are always zero. */
    private static void clearDead(List<Layer> chain, Map<String, double[]> scales) {
        int channels = chain.getFirst().outputs();
        for (int i = chain.size() - 1; i > 0; i--) {
            double[] read = chain.get(i).inputRanges(channels);
            chain.get(i - 1).clearOutputs(c -> read[c] == 0);
            double[] none = new double[channels];
            Arrays.setAll(none, c -> read[c] == 0 ? Double.POSITIVE_INFINITY : 1);
            scales.merge(chain.get(i - 1).node().output(0), none, Equalization::product);
        }
        for (int i = 0; i + 1 < chain.size(); i++) {
            Layer layer = chain.get(i);
            double[] made = layer.outputRanges();
            chain.get(i + 1).clearInputs(channels, c -> made[c] == 0 && layer.bias(c) == 0);
        }
    }

    private static double[] product(double[] a, double[] b) {
        double[] product = new double[a.length];
        Arrays.setAll(product, i -> a[i] * b[i]);
        return product;
    }
}
