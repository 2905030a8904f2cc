package dev.limbeck.quantize;

import dev.limbeck.graph.ChannelGroup;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.tensor.HardConcrete;
import dev.limbeck.tensor.TrainingOperators;
import dev.limbeck.tensor.TrainingOperators.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The gates of a network: one for each doubling of the bits of each tensor, and one for each channel that can be taken out.
 *
 * <p>They lie in one tensor: first those from 2 to 4 bits, a tensor's after the other's; then those to 8 bits, and so on; then those of
 * channels. A channel's gate multiplies the weights that read it, which is the same as a gate on all that makes it, biases and depthwise
 * convolutions included, and leaves the function of the network as it is when the channel is taken out.
 */
final class BitGates implements GridForm {

    private static final int FEWEST_BITS = 2;

    /** How much faster gates learn than weights: they have a long way to go from where they are open nearly always. */
    static final double RATE = 10;

    private final int[] bits;
    private final List<String> tensors;
    private final List<ChannelGroup> groups;
    private final Map<String, Integer> firstOfReader = new HashMap<>();
    private final Map<String, Integer> axisOfReader = new HashMap<>();
    private String parameters;
    private String gates;

    /**
     * @param mostBits a power of two
     * @param tensors whose bits are learned; others stay as they are
     */
    BitGates(Graph network, int mostBits, List<String> tensors) {
        bits = IntStream.iterate(FEWEST_BITS, b -> b <= mostBits, b -> 2 * b).toArray();
        this.tensors = List.copyOf(tensors);
        groups = ChannelGroup.of(network);
        for (int g = 0; g < groups.size(); g++) {
            for (Node reader : groups.get(g).readers()) {
                firstOfReader.put(reader.input(1), firstOfGroup(g));
                axisOfReader.put(reader.input(1), 1 - ChannelGroup.outputAxis(reader));
            }
        }
    }

    int[] bits() {
        return bits;
    }

    List<String> tensors() {
        return tensors;
    }

    List<ChannelGroup> groups() {
        return groups;
    }

    /** Gates of all bits, which come before those of channels. */
    int ofBits() {
        return (bits.length - 1) * tensors.size();
    }

    int firstOfGroup(int group) {
        return ofBits()
                + groups.stream().limit(group).mapToInt(ChannelGroup::channels).sum();
    }

    /** The initializer that training changes; times {@link #RATE} it is what {@link HardConcrete} calls phi. */
    String parameters() {
        return parameters;
    }

    @Override
    public List<Node> write(GraphEditor editor, Site site, List<String> learned) {
        int tensor = tensors.indexOf(site.tensor());
        boolean isRead = firstOfReader.containsKey(site.tensor());
        if (tensor < 0) {
            return PLAIN.write(editor, site, learned);
        }
        List<Node> nodes = new ArrayList<>();
        if (gates == null) {
            nodes.add(gates(editor));
        }
        long[] positions = IntStream.range(0, bits.length - 1)
                .mapToLong(level -> level * (long) tensors.size() + tensor)
                .toArray();
        String onGrid = isRead ? editor.unique(site.name() + "_whole") : site.name();
        List<Level> levels = Arrays.stream(bits)
                .mapToObj(b -> level(encoding(site.encoding(), b)))
                .toList();
        int axis = site.encoding().axis();
        nodes.add(
                TrainingOperators.nestedQuantize(site.tensor(), site.scale(), gates, positions, axis, levels, onGrid));
        if (isRead) {
            int first = firstOfReader.get(site.tensor());
            nodes.add(
                    TrainingOperators.gateChannels(onGrid, gates, first, axisOfReader.get(site.tensor()), site.name()));
        }
        return nodes;
    }

    private Node gates(GraphEditor editor) {
        float[] open = new float[firstOfGroup(groups.size())];
        Arrays.fill(open, (float) (HardConcrete.OPEN / RATE));
        parameters = editor.initializer(editor.unique("gate_parameters"), TensorValue.ofFloats(open, open.length));
        gates = editor.unique("gates");
        return TrainingOperators.hardConcrete(parameters, RATE, gates);
    }

    private static Level level(Encoding encoding) {
        return new Level(encoding.bits(), encoding.zeroPoint()[0], encoding.lowest(), encoding.highest());
    }

    /**
     * The grid of fewer bits over the range of one: its steps are (2^from - 1) / (2^to - 1) times as long (van Baalen et al. 2020, eq. 2).
     * Without zero points its points are some of the finer one's.
     */
    static Encoding encoding(Encoding finest, int bits) {
        double longer = (Math.pow(2, finest.bits()) - 1) / (Math.pow(2, bits) - 1);
        NumberFormat format =
                NumberFormat.integer(bits, finest.symmetric() ? finest.format().symmetry() : Symmetry.ASYMMETRIC);
        float[] scale = finest.scale().clone();
        int[] zeroPoint = finest.zeroPoint().clone();
        for (int i = 0; i < scale.length; i++) {
            scale[i] = (float) (scale[i] * longer);
            zeroPoint[i] = (int) Math.rint(zeroPoint[i] / longer);
        }
        return new Encoding(format, scale, zeroPoint, finest.axis());
    }

    /** The bits of each tensor once gates are drawn no more. */
    Map<String, Integer> decidedBits(Graph trained) {
        double[] phi = phi(trained);
        Map<String, Integer> decided = new HashMap<>();
        for (int t = 0; t < tensors.size(); t++) {
            int level = 0;
            while (level < bits.length - 1 && HardConcrete.isOpen(phi[level * tensors.size() + t])) {
                level++;
            }
            decided.put(tensors.get(t), bits[level]);
        }
        return decided;
    }

    /** The channels of each group that stay, in order; the likeliest one where all gates are closed. */
    List<int[]> decidedChannels(Graph trained) {
        double[] phi = phi(trained);
        List<int[]> decided = new ArrayList<>();
        for (int g = 0; g < groups.size(); g++) {
            int first = firstOfGroup(g);
            int channels = groups.get(g).channels();
            int[] open = IntStream.range(0, channels)
                    .filter(c -> HardConcrete.isOpen(phi[first + c]))
                    .toArray();
            int likeliest = IntStream.range(0, channels)
                    .reduce((a, b) -> phi[first + b] > phi[first + a] ? b : a)
                    .orElseThrow();
            decided.add(open.length > 0 ? open : new int[] {likeliest});
        }
        return decided;
    }

    private double[] phi(Graph trained) {
        float[] values = trained.initializers().get(parameters).floats();
        return IntStream.range(0, values.length)
                .mapToDouble(i -> values[i] * RATE)
                .toArray();
    }
}
