package dev.limbeck.compress;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is added to a layer's output, perhaps after a batch norm: the layer can make up for what has changed in it (He et al. 2017).
 *
 * @param tensor its name
 * @param factors [outputs]: of the layer's output by that of the batch norm; 1 without one
 */
record Shortcut(String tensor, double[] factors) {

    /** A batch norm that makes less of its input than this would need too much of it. */
    private static final double LEAST_GAIN = 1e-2;

    /** @param layer a convolution or matrix product of so many outputs */
    static Optional<Shortcut> of(Graph network, Node layer, int outputs) {
        double[] factors = new double[outputs];
        Arrays.fill(factors, 1);
        String made = layer.output(0);
        List<Node> readers = network.consumers(made);
        if (readers.size() == 1 && readers.getFirst().op().equals("BatchNormalization")) {
            Node norm = readers.getFirst();
            Optional<TensorValue> scales = network.initializer(norm.input(1));
            Optional<TensorValue> variances = network.initializer(norm.input(4));
            if (scales.isEmpty() || variances.isEmpty()) {
                return Optional.empty();
            }
            float[] scale = scales.get().floats();
            float[] variance = variances.get().floats();
            for (int o = 0; o < outputs; o++) {
                double gain = scale[o] / Math.sqrt(variance[o] + norm.number("epsilon", 1e-5F));
                factors[o] = Math.abs(gain) < LEAST_GAIN ? 0 : 1 / gain;
            }
            made = norm.output(0);
            readers = network.consumers(made);
        }
        if (readers.size() != 1 || !readers.getFirst().op().equals("Add") || network.isOutput(made)) {
            return Optional.empty();
        }
        Node sum = readers.getFirst();
        String other = sum.input(sum.input(0).equals(made) ? 1 : 0);
        return network.producer(other).isPresent() && !other.equals(made)
                ? Optional.of(new Shortcut(other, factors))
                : Optional.empty();
    }

    /**
     * Adds what the layer has to give more at one position than it gave.
     *
     * @param kept the layer's outputs that there still are
     */
    void addMissing(
            Map<String, FloatTensor> now,
            Map<String, FloatTensor> then,
            int item,
            int position,
            int[] kept,
            double[] into) {
        FloatTensor less = now.get(tensor);
        FloatTensor whole = then.get(tensor);
        int positions = whole.itemSize() / factors.length;
        for (int o = 0; o < kept.length; o++) {
            double missing = whole.data()[item * whole.itemSize() + kept[o] * positions + position]
                    - (double) less.data()[item * less.itemSize() + o * positions + position];
            into[o] += factors[kept[o]] * missing;
        }
    }
}
