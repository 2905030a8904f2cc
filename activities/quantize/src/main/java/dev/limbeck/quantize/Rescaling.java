package dev.limbeck.quantize;

import dev.limbeck.graph.BatchNormFolding;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Makes networks that are hard to quantize and compute what they did before: channels between layers are divided by random factors,
 * and the next layer's weights multiplied by them. The opposite of {@link Equalization}; for tests and benchmarks.
 */
public final class Rescaling {

    private final Graph graph;
    private final GraphEditor editor;
    private final Map<String, Layer> layers = new HashMap<>(); // by the convolution's or Gemm's own output
    private final Map<String, float[]> constants = new HashMap<>(); // gains and shifts of batch norms

    private Rescaling(Graph graph) {
        this.graph = graph;
        this.editor = graph.edit();
        graph.nodes().forEach(node -> Layer.of(graph, node).ifPresent(layer -> layers.put(node.output(0), layer)));
    }

    /**
     * Batch norms stay where they are, and their statistics stay true: it is their gain and shift that are divided.
     *
     * @param sd standard deviation of the factors' natural logarithm, which is normal with mean 0
     * @param seed of the factors; those between convolutions do not depend on {@code throughPooling}
     * @param throughPooling also from the last convolution through pooling and flattening into a matrix product
     * @return a network of the same function, but for rounding
     */
    public static Graph rescale(Graph graph, double sd, long seed, boolean throughPooling) {
        return new Rescaling(graph).rescaled(sd, seed, throughPooling);
    }

    private Graph rescaled(double sd, long seed, boolean throughPooling) {
        Graph folded = BatchNormFolding.fold(graph);
        Random convolutions = new Random(seed);
        Random heads = new Random(~seed);
        Set<Layer> changed = new HashSet<>();
        for (List<Layer> chain : new LayerChains(folded, false).find()) {
            boolean head = !chain.getLast().node().op().equals("Conv");
            if (head && !throughPooling || !chain.stream().allMatch(this::isKnown)) {
                continue;
            }
            for (int i = 0; i + 1 < chain.size(); i++) {
                double[] factors = new double[chain.getFirst().outputs()];
                for (int c = 0; c < factors.length; c++) {
                    factors[c] = Math.exp(sd * (head ? heads : convolutions).nextGaussian());
                }
                Layer next = original(chain.get(i + 1)).orElseThrow();
                divide(chain.get(i), factors);
                next.multiplyInputs(factors);
                changed.add(next);
                changed.add(original(chain.get(i)).orElseThrow());
            }
        }
        changed.forEach(layer -> layer.store(editor));
        constants.forEach((name, values) -> editor.initializer(name, TensorValue.ofFloats(values, values.length)));
        return editor.build();
    }

    private void divide(Layer folded, double[] factors) {
        Optional<Node> norm = norm(folded);
        if (norm.isEmpty()) {
            original(folded).orElseThrow().divideOutputs(factors);
            return;
        }
        for (int input = 1; input <= 2; input++) {
            float[] values = constants.computeIfAbsent(
                    norm.get().input(input),
                    name -> graph.initializers().get(name).floats());
            for (int c = 0; c < values.length; c++) {
                values[c] = (float) (values[c] / factors[c]);
            }
        }
    }

    /** Whether a layer of the folded graph is one layer here, with a batch norm of its own behind it or none. */
    private boolean isKnown(Layer folded) {
        boolean sameInput = original(folded)
                .filter(layer -> layer.node().input(0).equals(folded.node().input(0)))
                .isPresent();
        return sameInput
                && norm(folded)
                        .map(norm -> graph.consumers(norm.input(1)).size() == 1
                                && graph.consumers(norm.input(2)).size() == 1)
                        .orElse(true);
    }

    private Optional<Layer> original(Layer folded) {
        String output =
                norm(folded).map(norm -> norm.input(0)).orElse(folded.node().output(0));
        return Optional.ofNullable(layers.get(output));
    }

    private Optional<Node> norm(Layer folded) {
        return graph.producer(folded.node().output(0)).filter(node -> node.op().equals("BatchNormalization"));
    }
}
