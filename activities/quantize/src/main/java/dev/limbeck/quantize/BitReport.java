package dev.limbeck.quantize;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which bits and channels were learned.
 *
 * @param layers that multiply, in the order of the network
 * @param channelsTakenOut of those that could be
 * @param channels that could be taken out
 * @param bitOperations multiply-accumulate operations times the bits of both factors, relative to the whole network's with 8 bits
 * @param before the layers as they were
 */
public record BitReport(
        List<Layer> layers, int channelsTakenOut, int channels, double bitOperations, List<Layer> before) {

    /**
     * @param activationBits of what the layer reads; 32 for floats
     * @param weightBits the same
     * @param macs multiply-accumulate operations for one item
     */
    public record Layer(String name, int activationBits, int weightBits, long macs) {}

    public BitReport {
        layers = List.copyOf(layers);
        before = List.copyOf(before);
    }

    static List<Layer> layers(BitOperations operations, Map<String, Encoding> encodings) {
        return operations.layers().stream()
                .map(node -> new Layer(
                        node.label(),
                        bits(encodings.get(node.input(0))),
                        bits(encodings.get(node.input(1))),
                        operations.macs(List.of(node))))
                .toList();
    }

    private static int bits(Encoding encoding) {
        return encoding == null ? 32 : encoding.bits();
    }

    /** In one line. */
    public String describe() {
        return String.format(
                Locale.ROOT,
                "bits learned: weights of %s, activations of %s; %d of %d channels taken out; %.2f %% of the bit-operations of 8 bits",
                counts(layers.stream().map(Layer::weightBits).toList()),
                counts(layers.stream().map(Layer::activationBits).toList()),
                channelsTakenOut,
                channels,
                100 * bitOperations);
    }

    /** A line for each layer. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            lines.add(String.format(
                    Locale.ROOT,
                    "%-40s %2d-bit weights, %2d-bit activations, %.0f %% of its operations",
                    layer.name(),
                    layer.weightBits(),
                    layer.activationBits(),
                    100.0 * layer.macs() / before.get(i).macs()));
        }
        return lines;
    }

    /** "4 (12 layers), 8 (3 layers)" */
    private static String counts(List<Integer> bits) {
        Map<Integer, Integer> counts = new TreeMap<>();
        bits.forEach(b -> counts.merge(b, 1, Integer::sum));
        List<String> texts = new ArrayList<>();
        counts.forEach((b, count) -> texts.add(b + " bits (" + count + ")"));
        return String.join(", ", texts);
    }
}
