package dev.limbeck.quantize;

import dev.limbeck.graph.BatchNormFolding;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import java.util.Arrays;
import java.util.List;

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

    private Equalization() {}

    /** @return a graph of the same function, batch norms folded; a ReLU6 or other Clip ends a chain */
    public static Graph equalize(Graph graph) {
        return scaled(BatchNormFolding.fold(graph));
    }

    /** As {@link #equalize}, after turning the Clips between layers into ReLUs, which changes the function beyond their bounds. */
    public static Graph equalizeThroughClips(Graph graph) {
        Graph folded = BatchNormFolding.fold(graph);
        LayerChains chains = new LayerChains(folded, true);
        chains.find();
        GraphEditor editor = folded.edit();
        for (Node node : folded.nodes()) {
            if (node.op().equals("Clip") && chains.clips().contains(node.output(0))) {
                editor.replace(node, Node.of("Relu", node.name(), List.of(node.input(0)), node.outputs()));
            }
        }
        return scaled(editor.build());
    }

    private static Graph scaled(Graph graph) {
        LayerChains found = new LayerChains(graph, false);
        List<List<Layer>> chains = found.find();
        for (int pass = 0; pass < MAXIMUM_PASSES; pass++) {
            double largest = 0;
            for (List<Layer> chain : chains) {
                largest = Math.max(largest, equalize(chain));
            }
            if (largest < SETTLED) {
                break;
            }
        }
        GraphEditor editor = graph.edit();
        found.layers().values().forEach(layer -> layer.store(editor));
        return editor.build();
    }

    /** @return the largest |log scale| that was applied */
    private static double equalize(List<Layer> chain) {
        int channels = chain.getFirst().outputs();
        int count = chain.size();
        double[][] ranges = new double[count][];
        double[] mean = new double[channels]; // geometric, as a logarithm
        for (int i = 0; i < count; i++) {
            ranges[i] = i == 0 ? chain.getFirst().outputRanges() : chain.get(i).inputRanges(channels);
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
            chain.get(i + 1).multiplyInputs(scale);
        }
        return largest;
    }
}
