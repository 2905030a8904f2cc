package dev.limbeck.quantize;

import dev.limbeck.graph.ChannelGroup;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.runtime.Items;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import dev.limbeck.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Bayesian Bits (van Baalen et al. 2020): a network whose bits, and whose channels, are learned with its weights. Each weight and each
 * activation but the network's inputs has 2, 4, 8 (or 16) bits, no more than the options say; channels go where all that reads them can
 * do without.
 *
 * <p>{@link #graph} is to be trained on a loss that has {@link #cost} in it; {@link #decide} then says which gates are open, and gives
 * the network with these bits and channels, to be trained further.
 */
public final class GatedQuantization {

    private final QuantizeOptions options;
    private final List<String> steps;
    private final BitGates gates;
    private final TrainableGraph trainable;
    private final GateCost cost;
    private final Map<String, long[]> itemShapes;
    private final long eightBits;
    private final List<BitReport.Layer> layers;

    private GatedQuantization(
            Quantizer.Calibrated calibrated,
            QuantizeOptions options,
            Map<String, long[]> itemShapes,
            List<String> steps) {
        this.options = options;
        this.steps = List.copyOf(steps);
        this.itemShapes = itemShapes;
        Graph network = calibrated.network();
        Map<String, Encoding> encodings = new LinkedHashMap<>(calibrated.encodings());
        new QdqWriter(network, calibrated.plan(), encodings).write(); // chooses the weights' encodings
        encodings.replaceAll((tensor, encoding) -> nestable(network, tensor, encoding));
        gates = new BitGates(
                network,
                Math.max(options.weights().bits(), options.activations().bits()),
                learned(calibrated, encodings));
        trainable = new TrainableGraph(new Quantizer.Calibrated(network, calibrated.plan(), encodings), gates);
        BitOperations operations = new BitOperations(network, itemShapes);
        cost = new GateCost(gates, operations, encodings);
        eightBits = operations.ofEightBits(encodings);
        layers = BitReport.layers(operations, encodings);
    }

    /**
     * @param network as for {@link Quantizer#quantize(Graph, Items, QuantizeOptions, Progress)}
     * @param calibrationImages that the first ranges are chosen by
     * @param options weights and activations of as many bits as they may have at most: 4, 8 or 16
     * @throws BadInputException as there; for other bits; and where nothing would have gates
     */
    public static GatedQuantization of(
            Graph network, FloatTensor calibrationImages, QuantizeOptions options, Progress progress) {
        TrainableQuantization.check(network, options);
        boolean same = options.weights().bits() == options.activations().bits();
        if (options.weights().isFloat()
                || options.activations().isFloat()
                || !same
                || Integer.bitCount(options.weights().bits()) > 1
                || options.weights().bits() < 4) {
            throw new BadInputException("network '" + network.name()
                    + "': bits are learned from 2 up to those of weights and activations, which must both be 4, 8 or 16, not "
                    + options.weights() + " and " + options.activations());
        }
        if (!options.formats().isEmpty()) {
            throw new BadInputException("network '" + network.name()
                    + "': bits cannot be both given and learned; leave out mixed precision or Bayesian Bits");
        }
        Items images = Items.of(network, calibrationImages);
        List<String> steps = new ArrayList<>();
        Quantizer.Calibrated calibrated = Quantizer.calibrated(network, images, options, steps, progress);
        GatedQuantization made = new GatedQuantization(calibrated, options, images.itemShapes(), steps);
        if (made.gates.tensors().isEmpty()) {
            throw new BadInputException(
                    "network '" + network.name() + "' has no weights nor activations whose bits could be learned");
        }
        return made;
    }

    /** Grids of weights become strict: they have as many points on both sides of 0, as coarser ones over the same range need. */
    private static Encoding nestable(Graph network, String tensor, Encoding encoding) {
        if (!network.initializers().containsKey(tensor) || encoding.format().symmetry() != Symmetry.SYMMETRIC) {
            return encoding;
        }
        NumberFormat strict = NumberFormat.integer(encoding.bits(), Symmetry.STRICT_SYMMETRIC);
        return new Encoding(strict, encoding.scale(), encoding.zeroPoint(), encoding.axis());
    }

    /** All that has integers but the network's inputs, constants that take the place of activations, and what hard activations read. */
    private static List<String> learned(Quantizer.Calibrated calibrated, Map<String, Encoding> encodings) {
        Graph network = calibrated.network();
        QuantizationPlan plan = calibrated.plan();
        List<String> learned = new ArrayList<>();
        plan.quantized().stream()
                .filter(tensor -> plan.root(tensor).equals(tensor))
                .filter(tensor -> network.inputs().stream()
                        .noneMatch(input -> input.name().equals(tensor)))
                .filter(tensor -> !network.isOutput(tensor))
                .filter(tensor ->
                        plan.gateOf(tensor).isEmpty() && !plan.hardSigmoids().containsKey(tensor))
                .filter(tensor -> !encodings.get(tensor).format().isFloat())
                .forEach(learned::add);
        network.nodes().stream()
                .filter(node -> plan.kind(node) == OperatorKind.WEIGHTED)
                .map(node -> node.input(1))
                .distinct()
                .filter(weight -> encodings.containsKey(weight)
                        && !encodings.get(weight).format().isFloat())
                .forEach(learned::add);
        return learned;
    }

    /** The network that is to be trained; only Limbeck's own executor runs it. */
    public Graph graph() {
        return trainable.graph();
    }

    /** What the gates cost: see the formula there. @param parameter of the graph, by its initializer; @return a scalar */
    public Tensor cost(Function<String, Tensor> parameter) {
        return cost.of(parameter.apply(gates.parameters()));
    }

    /**
     * A network whose bits and channels are decided.
     *
     * @param trainable that goes on from the trained weights and ranges
     */
    public record Decided(TrainableQuantization trainable, BitReport report) {

        /** As it is without more training; any runtime takes it, which cannot be said of a graph that is to be trained. */
        public Graph network() {
            return trainable.quantized(trainable.graph()).graph();
        }
    }

    /** @param trained the graph with what training gave it */
    public Decided decide(Graph trained) {
        Graph whole = trainable.withoutGrids(trained);
        Map<String, Encoding> encodings =
                new LinkedHashMap<>(trainable.encodings(trained, new QuantizationPlan(whole, options)));
        gates.decidedBits(trained)
                .forEach((tensor, bits) ->
                        encodings.computeIfPresent(tensor, (name, encoding) -> BitGates.encoding(encoding, bits)));
        List<int[]> channels = gates.decidedChannels(trained);
        Graph network = whole;
        for (int g = 0; g < channels.size(); g++) {
            int[] kept = channels.get(g);
            network = gates.groups().get(g).keep(network, kept);
            takeOut(encodings, g, kept);
        }
        QuantizationPlan plan = new QuantizationPlan(network, options);
        plan.quantized().forEach(tensor -> encodings.put(tensor, encodings.get(plan.root(tensor))));
        BitOperations operations = new BitOperations(network, itemShapes);
        int all = gates.groups().stream().mapToInt(ChannelGroup::channels).sum();
        BitReport report = new BitReport(
                BitReport.layers(operations, encodings),
                all - channels.stream().mapToInt(kept -> kept.length).sum(),
                all,
                (double) operations.of(operations.layers(), encodings) / eightBits,
                layers);
        List<String> done = new ArrayList<>(steps);
        done.add(report.describe());
        return new Decided(
                new TrainableQuantization(
                        new Quantizer.Calibrated(network, plan, encodings), options, GridForm.PLAIN, done),
                report);
    }

    /** Scales of channels that are no more. */
    private void takeOut(Map<String, Encoding> encodings, int group, int[] kept) {
        List<Node> nodes = new ArrayList<>(gates.groups().get(group).makers());
        nodes.addAll(gates.groups().get(group).between());
        for (Node node : nodes) {
            encodings.computeIfPresent(
                    node.input(1), (name, encoding) -> encoding.perChannel() ? encoding.only(kept) : encoding);
        }
    }
}
