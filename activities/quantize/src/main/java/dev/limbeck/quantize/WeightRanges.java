package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How far the weights of a layer reach, output channel by output channel.
 *
 * @param layer label of its node
 * @param op of the node
 * @param output tensor that it makes
 * @param least smallest weight of each channel
 * @param most largest weight of each channel
 */
public record WeightRanges(String layer, String op, String output, float[] least, float[] most) {

    /** Those of all convolutions and matrix products with constant weights, in the order of the graph. */
    public static List<WeightRanges> of(Graph network) {
        List<WeightRanges> ranges = new ArrayList<>();
        for (Node node : network.nodes()) {
            if (OperatorKind.of(network, node) == OperatorKind.WEIGHTED) {
                ranges.add(of(node, network.initializers().get(node.input(1))));
            }
        }
        return ranges;
    }

    private static WeightRanges of(Node node, TensorValue weight) {
        int axis = OperatorKind.outputAxis(node);
        long[] shape = weight.shape();
        int channels = Math.toIntExact(shape[axis]);
        int inner = Math.toIntExact(TensorValue.elements(Arrays.copyOfRange(shape, axis + 1, shape.length)));
        float[] least = new float[channels];
        float[] most = new float[channels];
        Arrays.fill(least, Float.POSITIVE_INFINITY);
        Arrays.fill(most, Float.NEGATIVE_INFINITY);
        float[] values = weight.floats();
        for (int i = 0; i < values.length; i++) {
            int channel = i / inner % channels;
            least[channel] = Math.min(least[channel], values[i]);
            most[channel] = Math.max(most[channel], values[i]);
        }
        return new WeightRanges(node.label(), node.op(), node.output(0), least, most);
    }

    /** The largest over the smallest max |w| of the channels that are not all zeros; 1 where all channels are alike. */
    public double spread() {
        double largest = 0;
        double smallest = Double.POSITIVE_INFINITY;
        for (int c = 0; c < least.length; c++) {
            double reach = Math.max(-least[c], most[c]);
            largest = Math.max(largest, reach);
            smallest = reach > 0 ? Math.min(smallest, reach) : smallest;
        }
        return largest > 0 ? largest / smallest : 1;
    }
}
