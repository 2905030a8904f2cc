package dev.limbeck.quantize;

import dev.limbeck.graph.ChannelGroup;
import dev.limbeck.graph.Node;
import dev.limbeck.tensor.HardConcrete;
import dev.limbeck.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * What gates cost: sum over layers of MACs / (most MACs of a layer) * (expected bits of the weight + expected bits of what it reads) *
 * (expected shares of the layer's input and output channels).
 *
 * <p>Bits expected of a tensor are 2 + P(z_4) (2 + P(z_8) (4 + ...)): as the regularizer of van Baalen et al. 2020 (eq. 18), where a gate
 * counts with those that it is nested in. Channels count on both sides of a layer, as they go on both.
 */
final class GateCost {

    private final BitGates gates;
    private final Matrix bitsOfLayer;
    private final Matrix channelsOfGroup;
    private final Matrix inputsOfLayer;
    private final Matrix outputsOfLayer;
    private final float[] macs;

    /** @param encodings of what is quantized but has no gates */
    GateCost(BitGates gates, BitOperations operations, Map<String, Encoding> encodings) {
        this.gates = gates;
        List<Node> layers = operations.layers();
        List<ChannelGroup> groups = gates.groups();
        bitsOfLayer = new Matrix(layers.size(), gates.tensors().size());
        inputsOfLayer = new Matrix(layers.size(), groups.size());
        outputsOfLayer = new Matrix(layers.size(), groups.size());
        macs = new float[layers.size()];
        long most = layers.stream()
                .mapToLong(layer -> operations.macs(List.of(layer)))
                .max()
                .orElse(1);
        for (int l = 0; l < layers.size(); l++) {
            Node layer = layers.get(l);
            macs[l] = operations.macs(List.of(layer)) / (float) most;
            for (String factor : layer.inputs().subList(0, 2)) {
                int tensor = gates.tensors().indexOf(factor);
                if (tensor >= 0) {
                    bitsOfLayer.add(l, tensor, 1);
                } else {
                    bitsOfLayer.constant(
                            l,
                            encodings.containsKey(factor)
                                    ? encodings.get(factor).bits()
                                    : 32);
                }
            }
            shareOfGroup(inputsOfLayer, l, group -> find(group.readers(), layer));
            shareOfGroup(
                    outputsOfLayer, l, group -> Math.max(find(group.makers(), layer), find(group.between(), layer)));
        }
        channelsOfGroup = new Matrix(groups.size(), gates.firstOfGroup(groups.size()) - gates.ofBits());
        for (int g = 0; g < groups.size(); g++) {
            for (int c = 0; c < groups.get(g).channels(); c++) {
                channelsOfGroup.add(
                        g,
                        gates.firstOfGroup(g) - gates.ofBits() + c,
                        1f / groups.get(g).channels());
            }
        }
    }

    private static int find(List<Node> nodes, Node wanted) {
        return nodes.stream().anyMatch(node -> node.output(0).equals(wanted.output(0))) ? 1 : 0;
    }

    private void shareOfGroup(Matrix shares, int layer, ToIntFunction<ChannelGroup> belongs) {
        float rest = 1;
        for (int g = 0; g < gates.groups().size(); g++) {
            if (belongs.applyAsInt(gates.groups().get(g)) == 1) {
                shares.add(layer, g, 1);
                rest = 0;
            }
        }
        shares.constant(layer, rest);
    }

    /** @param parameters of the gates; @return a scalar */
    Tensor of(Tensor parameters) {
        Tensor open = HardConcrete.openProbability(parameters.times(BitGates.RATE));
        int[] bits = gates.bits();
        int tensors = gates.tensors().size();
        Tensor expected = null;
        for (int level = bits.length - 1; level > 0; level--) {
            double step = bits[level] - bits[level - 1];
            Tensor probability = open.narrow(0, (long) (level - 1) * tensors, tensors);
            expected = expected == null ? probability.times(step) : probability.times(expected.plus(step));
        }
        Tensor bitsOfTensor = expected.plus(bits[0]);
        Tensor cost = bitsOfLayer.times(bitsOfTensor).times(Tensor.of(macs, macs.length));
        if (!gates.groups().isEmpty()) {
            Tensor channels = open.narrow(0, gates.ofBits(), channelsOfGroup.columns);
            Tensor kept = channelsOfGroup.times(channels);
            cost = cost.times(inputsOfLayer.times(kept)).times(outputsOfLayer.times(kept));
        }
        return cost.sum();
    }

    /** A linear function with a constant part. */
    private static final class Matrix {
        private final int columns;
        private final float[] values;
        private final float[] constant;

        Matrix(int rows, int columns) {
            this.columns = columns;
            values = new float[rows * columns];
            constant = new float[rows];
        }

        void add(int row, int column, float value) {
            values[row * columns + column] += value;
        }

        void constant(int row, float value) {
            constant[row] += value;
        }

        Tensor times(Tensor vector) {
            return Tensor.of(values, constant.length, columns)
                    .matmul(vector)
                    .plus(Tensor.of(constant, constant.length));
        }
    }
}
