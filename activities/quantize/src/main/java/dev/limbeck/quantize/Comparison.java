package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.Provenance;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.Optimization;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A float network beside what was made of it, layer by layer: how far each tensor of the quantized network lies from the float one,
 * simulated (as the file says, in floats) and as ONNX Runtime computes it (optimized, in integer kernels).
 *
 * <p>Tensors are matched by name. A quantized one is read after its DequantizeLinear, which takes no integer kernel away. What folding
 * and fusing has removed has no counterpart; outputs always have one. Where the quantized network was equalized, its channels are
 * compared after the factor and shift by which they differ from the float network's is undone.
 */
public final class Comparison {

    /** A layer whose signal is less than this far above its noise has gone wrong, unless another threshold is given. */
    public static final double THRESHOLD = 10;

    /** So far below its inputs a layer has gone wrong too: ten times their error. */
    private static final double FALL = 20;

    /** Inputs better than this do not make a layer worse: 8 bits alone cost as much. */
    private static final double GOOD = 30;

    private static final int MOST_ITEMS = 32;

    /** Numbers of a batch of inputs. */
    private static final int BATCH_ELEMENTS = 1 << 21;

    private final Graph floats;
    private final Graph quantized;
    private final Items items;
    private final boolean equalized;

    private Comparison(Graph floats, Graph quantized, Items items) {
        this.floats = floats;
        this.quantized = quantized;
        this.items = items;
        this.equalized = Provenance.of(quantized)
                .filter(p -> p.stage().equals("equalize")
                        || p.parameters().getOrDefault("steps", "").matches("(?s).*(equalized|smoothed).*"))
                .isPresent();
    }

    /**
     * How far a tensor is from the float one.
     *
     * @param decibels signal to quantization noise ratio, 10 log10(sum x^2 / sum (x - y)^2), from -{@value #MOST_DECIBELS} (not numbers)
     *     to {@value #MOST_DECIBELS} (the same)
     * @param largestError largest |x - y|; infinite where there are values that are no numbers
     */
    public record Deviation(double decibels, double largestError) {
        public static final double MOST_DECIBELS = 200;
    }

    /**
     * One tensor that both networks have.
     *
     * @param tensor its name in the float network
     * @param operator that makes it in the quantized network, with the one that it makes superfluous
     * @param quantized whether it is on a grid
     * @param rescaled whether its channels were compared after their factors were undone
     * @param wrong why it is said to have gone wrong; empty where it has not
     */
    public record Layer(
            String tensor,
            String operator,
            boolean quantized,
            boolean rescaled,
            Deviation simulated,
            Deviation computed,
            Optional<String> wrong) {}

    /**
     * All layers that could be compared, in the float network's order.
     *
     * @param unmatched float tensors of the first network that the second does not have
     */
    public record Result(List<Layer> layers, int unmatched) {

        /** The first layer that goes wrong, if one does. */
        public Optional<Layer> firstWrong() {
            return layers.stream().filter(layer -> layer.wrong().isPresent()).findFirst();
        }
    }

    /**
     * @param floats the float network
     * @param quantized what was made of it
     * @param items data for both
     * @param threshold in dB; below it a layer has gone wrong
     * @throws BadInputException if the networks have other inputs or outputs than one another, have changed places, or the data does
     *     not fit them
     */
    public static Result compare(
            Graph floats, Graph quantized, Items items, double threshold, SessionOptions options, Progress progress) {
        checkPair(floats, quantized);
        NetworkChecks.checkData(floats, items);
        return new Comparison(floats, quantized, items).compare(threshold, options, progress);
    }

    private static void checkPair(Graph floats, Graph quantized) {
        if (!interfaces(floats).equals(interfaces(quantized))) {
            throw new BadInputException("network '" + floats.name() + "' takes " + floats.inputs() + " and makes "
                    + floats.outputs() + ", but network '" + quantized.name() + "' takes " + quantized.inputs()
                    + " and makes " + quantized.outputs() + "; compare a network with what was made of it");
        }
        if (hasGrids(floats) && !hasGrids(quantized)) {
            throw new BadInputException(
                    "the first network is quantized and the second is not; give the float network first");
        }
    }

    private static boolean hasGrids(Graph network) {
        return network.nodes().stream().anyMatch(node -> node.op().equals("DequantizeLinear"));
    }

    private static List<String> interfaces(Graph graph) {
        List<String> names = new ArrayList<>();
        graph.inputs().forEach(input -> names.add("in " + input.name() + " " + input.type()));
        graph.outputs().forEach(output -> names.add("out " + output.name()));
        return names;
    }

    private Result compare(double threshold, SessionOptions options, Progress progress) {
        Counterparts counterparts = new Counterparts(floats, quantized, items.itemShapes());
        Counterparts.Probed probed = counterparts.probed();
        GraphEditor editor = floats.edit().clearOutputs();
        counterparts.names().forEach(name -> editor.output(ValueInfo.unranked(name, ElementType.FLOAT)));
        Map<String, DeviationSums> simulated = new HashMap<>();
        Map<String, DeviationSums> computed = new HashMap<>();
        Map<String, ChannelFit> fits = new HashMap<>();
        int batch = Math.clamp(BATCH_ELEMENTS / Math.max(1, items.itemSize()), 1, MOST_ITEMS);
        try (Session original = Session.open(editor.build(), options.withOptimization(Optimization.BASIC));
                Session asWritten = Session.open(probed.graph(), options.withOptimization(Optimization.NONE));
                Session optimized = Session.open(probed.graph(), options.withOptimization(Optimization.ALL))) {
            for (int from = 0; from < items.count(); from += batch) {
                progress.report("compare", from, items.count(), "");
                Map<String, FloatTensor> inputs =
                        items.slice(from, Math.min(items.count(), from + batch)).inputs();
                Map<String, FloatTensor> expected = original.run(inputs);
                Map<String, FloatTensor> written = asWritten.run(inputs);
                Map<String, FloatTensor> run = optimized.run(inputs);
                counterparts.names().forEach(name -> {
                    String probe = probed.outputs().get(name);
                    FloatTensor value = expected.get(name);
                    checkShapes(name, value, written.get(probe));
                    ChannelFit fit = fits.computeIfAbsent(
                            name, n -> equalized ? ChannelFit.best(value, written.get(probe)) : ChannelFit.NONE);
                    simulated.computeIfAbsent(name, n -> new DeviationSums()).add(value, written.get(probe), fit);
                    computed.computeIfAbsent(name, n -> new DeviationSums()).add(value, run.get(probe), fit);
                });
            }
            progress.report("compare", items.count(), items.count(), "");
        }
        List<Layer> layers = new ArrayList<>();
        Map<String, Double> worst = new HashMap<>();
        for (String name : counterparts.names()) {
            Deviation asSimulated = simulated.get(name).deviation();
            Deviation asComputed = computed.get(name).deviation();
            double decibels = Math.min(asSimulated.decibels(), asComputed.decibels());
            Optional<String> wrong = wrong(decibels, worstInput(name, worst), threshold);
            worst.put(name, decibels);
            layers.add(new Layer(
                    name,
                    counterparts.operator(name),
                    counterparts.isQuantized(name),
                    fits.get(name) != ChannelFit.NONE,
                    asSimulated,
                    asComputed,
                    wrong));
        }
        return new Result(layers, counterparts.unmatched());
    }

    private void checkShapes(String name, FloatTensor expected, FloatTensor actual) {
        if (expected.data().length != actual.data().length) {
            throw new BadInputException("tensor '" + name + "' is " + Arrays.toString(expected.shape())
                    + " in network '"
                    + floats.name() + "', but " + Arrays.toString(actual.shape()) + " in network '" + quantized.name()
                    + "'; compare a network with what was made of it");
        }
    }

    /** Of what was compared before the tensor. */
    private double worstInput(String name, Map<String, Double> compared) {
        double worst = GOOD;
        Set<String> seen = new HashSet<>();
        List<String> open =
                new ArrayList<>(floats.producer(name).map(Node::inputs).orElse(List.of()));
        while (!open.isEmpty()) {
            String input = open.removeLast();
            if (seen.add(input)) {
                if (compared.containsKey(input)) {
                    worst = Math.min(worst, compared.get(input));
                } else {
                    floats.producer(input).ifPresent(node -> open.addAll(node.inputs()));
                }
            }
        }
        return worst;
    }

    private static Optional<String> wrong(double decibels, double input, double threshold) {
        if (decibels < threshold) {
            return Optional.of("below %.0f dB".formatted(threshold));
        }
        return decibels < input - FALL
                ? Optional.of("%.0f dB below what it reads".formatted(input - decibels))
                : Optional.empty();
    }
}
