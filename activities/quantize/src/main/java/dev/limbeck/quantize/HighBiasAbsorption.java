package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * High-bias absorption (Nagel et al. 2019, section 4.1.3): a channel that a ReLU all but never cuts, N(beta, gamma^2) with c = beta -
 * 3 gamma > 0, hands c on to the bias of the next layer: b1 -= c, b2 += W2 c. Its values then need a smaller range.
 *
 * <p>Exact for values above c. Not done where the next layer pads, as the padding would have to become -c.
 */
final class HighBiasAbsorption {

    private static final double DEVIATIONS = 3;

    /** What f(x - c) = f(x) - c holds for, without padding of its own that is averaged. */
    private static final Set<String> SHIFTABLE =
            Set.of("Relu", "Identity", "Dropout", "MaxPool", "GlobalAveragePool", "ReduceMean", "Flatten", "Reshape");

    private final BatchNormStatistics norms;
    private int channels;

    HighBiasAbsorption(BatchNormStatistics norms) {
        this.norms = norms;
    }

    /** @param graph in which every layer has a bias; its batch norms' statistics are updated with it */
    Graph absorb(Graph graph) {
        LayerChains found = new LayerChains(graph, false);
        Set<Layer> changed = new HashSet<>();
        for (List<Layer> chain : found.find()) {
            for (int i = 0; i + 1 < chain.size(); i++) {
                if (absorb(graph, chain.get(i), chain.get(i + 1))) {
                    changed.add(chain.get(i));
                    changed.add(chain.get(i + 1));
                }
            }
        }
        GraphEditor editor = graph.edit();
        changed.forEach(layer -> layer.store(editor));
        return editor.build();
    }

    /** Channels whose bias was absorbed. */
    int channels() {
        return channels;
    }

    private boolean absorb(Graph graph, Layer layer, Layer next) {
        String tensor = layer.node().output(0);
        if (!norms.has(tensor) || !next.hasBias() || !next.isUnpadded() || !isShiftable(graph, tensor, next.node())) {
            return false;
        }
        double[] shift = new double[layer.outputs()];
        int before = channels;
        for (int c = 0; c < shift.length; c++) {
            NormalDistribution normal = norms.of(tensor, c);
            shift[c] = Math.max(0, normal.mean() - DEVIATIONS * normal.deviation());
            channels += shift[c] > 0 ? 1 : 0;
        }
        if (channels == before) {
            return false;
        }
        next.addInputs(shift);
        layer.subtractOutputs(shift);
        norms.subtract(tensor, shift);
        return true;
    }

    private static boolean isShiftable(Graph graph, String from, Node to) {
        boolean rectified = false;
        Node node = graph.consumers(from).getFirst();
        while (!node.equals(to)) {
            rectified |= node.op().equals("Relu");
            if (!SHIFTABLE.contains(node.op())) {
                return false;
            }
            node = graph.consumers(node.output(0)).getFirst();
        }
        return rectified;
    }
}
