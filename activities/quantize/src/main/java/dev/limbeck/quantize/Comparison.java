package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.Provenance;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.TensorValue;
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
import java.util.LinkedHashMap;
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

    /** Channels count as rescaled if undoing that removes so much noise. */
    private static final double WORTH_RESCALING = 6;

    /** Fewer numbers do not tell a channel's factor and shift. */
    private static final int FIT_SAMPLES = 16;

    /** Beyond it lie masks, which stand for minus infinity. */
    private static final float MASK = 1e30f;

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
     * @throws BadInputException if the networks have other inputs or outputs than one another, or the data does not fit them
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
    }

    private static List<String> interfaces(Graph graph) {
        List<String> names = new ArrayList<>();
        graph.inputs().forEach(input -> names.add("in " + input.name() + " " + input.type()));
        graph.outputs().forEach(output -> names.add("out " + output.name()));
        return names;
    }

    /**
     * A tensor of the quantized network.
     *
     * @param raw tensor that its operator makes
     * @param reader the DequantizeLinear that makes floats of it again; empty where it is not quantized
     */
    private record Counterpart(String raw, Optional<Node> reader) {}

    private Result compare(double threshold, SessionOptions options, Progress progress) {
        Set<String> comparable = comparable();
        Map<String, Counterpart> counterparts = counterparts(comparable);
        Probed probed = probed(counterparts);
        GraphEditor editor = floats.edit().clearOutputs();
        counterparts.keySet().forEach(name -> editor.output(ValueInfo.unranked(name, ElementType.FLOAT)));
        Map<String, Sums> simulated = new HashMap<>();
        Map<String, Sums> computed = new HashMap<>();
        Map<String, Fit> fits = new HashMap<>();
        int batch = batch();
        int used = used();
        try (Session original = Session.open(editor.build(), options.withOptimization(Optimization.BASIC));
                Session asWritten = Session.open(probed.graph(), options.withOptimization(Optimization.NONE));
                Session optimized = Session.open(probed.graph(), options.withOptimization(Optimization.ALL))) {
            for (int from = 0; from < used; from += batch) {
                progress.report("compare", from, used, "");
                Map<String, FloatTensor> inputs =
                        items.slice(from, Math.min(used, from + batch)).inputs();
                Map<String, FloatTensor> expected = original.run(inputs);
                Map<String, FloatTensor> written = asWritten.run(inputs);
                Map<String, FloatTensor> run = optimized.run(inputs);
                counterparts.keySet().forEach(name -> {
                    String probe = probed.outputs().get(name);
                    FloatTensor value = expected.get(name);
                    checkShapes(name, value, written.get(probe));
                    Fit fit =
                            fits.computeIfAbsent(name, n -> equalized ? Fit.best(value, written.get(probe)) : Fit.NONE);
                    simulated.computeIfAbsent(name, n -> new Sums()).add(value, written.get(probe), fit);
                    computed.computeIfAbsent(name, n -> new Sums()).add(value, run.get(probe), fit);
                });
            }
            progress.report("compare", used, used, "");
        }
        List<Layer> layers = new ArrayList<>();
        Map<String, Double> worst = new HashMap<>();
        for (String name : counterparts.keySet()) {
            Deviation asSimulated = simulated.get(name).deviation();
            Deviation asComputed = computed.get(name).deviation();
            double decibels = Math.min(asSimulated.decibels(), asComputed.decibels());
            Optional<String> wrong = wrong(decibels, worstInput(name, worst), threshold);
            worst.put(name, decibels);
            Counterpart counterpart = counterparts.get(name);
            layers.add(new Layer(
                    name,
                    operator(name, counterpart),
                    counterpart.reader().isPresent(),
                    fits.get(name) != Fit.NONE,
                    asSimulated,
                    asComputed,
                    wrong));
        }
        return new Result(layers, comparable.size() - counterparts.size());
    }

    private int batch() {
        int fixed = fixedBatch();
        return fixed > 0 ? fixed : Math.clamp(BATCH_ELEMENTS / Math.max(1, items.itemSize()), 1, MOST_ITEMS);
    }

    /** 0 where it may be any. */
    private int fixedBatch() {
        long[] shape = floats.inputs().getFirst().shape();
        return shape != null && shape.length > 0 ? (int) Math.max(0, shape[0]) : 0;
    }

    /** A network of a fixed batch takes whole batches only. */
    private int used() {
        int fixed = fixedBatch();
        int used = fixed > 0 ? items.count() / fixed * fixed : items.count();
        if (used == 0) {
            throw new BadInputException(
                    "network '" + floats.name() + "' takes " + floats.inputs().getFirst() + ", but there are only "
                            + items.count() + " items; give " + fixed + " or more");
        }
        return used;
    }

    private void checkShapes(String name, FloatTensor expected, FloatTensor actual) {
        if (expected.data().length != actual.data().length) {
            throw new BadInputException("tensor '" + name + "' is " + Arrays.toString(expected.shape())
                    + " in network '"
                    + floats.name() + "', but " + Arrays.toString(actual.shape()) + " in network '" + quantized.name()
                    + "'; compare a network with what was made of it");
        }
    }

    /** Float tensors that nodes of the float network make from its inputs. */
    private Set<String> comparable() {
        Map<String, ValueInfo> types = types();
        Set<String> names = new HashSet<>();
        Set<String> dependent = new HashSet<>();
        floats.inputs().forEach(input -> dependent.add(input.name()));
        for (Node node : floats.nodes()) {
            if (node.inputs().stream().noneMatch(dependent::contains)) {
                continue;
            }
            dependent.addAll(node.outputs());
            for (String output : node.outputs()) {
                ValueInfo type = types.get(output);
                boolean unknown = type == null && quantizes(output);
                if (!output.isEmpty() && (unknown || type != null && type.type() == ElementType.FLOAT)) {
                    names.add(output);
                }
            }
        }
        dependent.remove("");
        return names;
    }

    private Map<String, ValueInfo> types() {
        Map<String, ValueInfo> types = new HashMap<>();
        floats.outputs().forEach(output -> types.put(output.name(), output));
        try {
            types.putAll(ShapeInference.infer(floats, items.itemShapes()));
        } catch (BadInputException e) {
            // an operator of unknown shape: outputs and what is quantized are compared all the same
        }
        return types;
    }

    /** Whether the other network has the tensor on a grid, so that it is one of floats. */
    private boolean quantizes(String tensor) {
        return Set.of(tensor, tensor + "_float").stream()
                .flatMap(name -> quantized.consumers(name).stream())
                .anyMatch(node -> isOperator(node, "QuantizeLinear"));
    }

    private static boolean isOperator(Node node, String op) {
        return node.op().equals(op) || node.op().equals("com.microsoft." + op);
    }

    /** In the float network's order. */
    private Map<String, Counterpart> counterparts(Set<String> comparable) {
        Map<String, Counterpart> quantizedOnes = new HashMap<>();
        for (Node node : quantized.nodes()) {
            if (isOperator(node, "QuantizeLinear") && !quantized.initializers().containsKey(node.input(0))) {
                reader(node).ifPresent(reader -> {
                    String raw = quantized
                            .producer(node.input(0))
                            .filter(clip -> clip.name().contains(QdqNodes.CLIP_SUFFIX))
                            .map(clip -> clip.input(0))
                            .orElse(node.input(0));
                    quantizedOnes.putIfAbsent(name(raw, reader, comparable), new Counterpart(raw, Optional.of(reader)));
                });
            }
        }
        Map<String, Counterpart> found = new LinkedHashMap<>();
        for (Node node : floats.nodes()) {
            for (String output : node.outputs()) {
                if (!comparable.contains(output)) {
                    continue;
                }
                if (quantizedOnes.containsKey(output)) {
                    found.put(output, quantizedOnes.get(output));
                } else if (quantized.producer(output).isPresent()) {
                    found.put(output, new Counterpart(output, Optional.empty()));
                }
            }
        }
        return found;
    }

    private String name(String raw, Node reader, Set<String> comparable) {
        if (quantized.isOutput(reader.output(0)) || comparable.contains(reader.output(0))) {
            return reader.output(0);
        }
        String suffix = "_float";
        boolean added = !comparable.contains(raw) && raw.endsWith(suffix);
        return added ? raw.substring(0, raw.length() - suffix.length()) : raw;
    }

    /** Takes the numbers back with the scale that they were written with; another one makes it another operator. */
    private Optional<Node> reader(Node quantize) {
        return quantized.consumers(quantize.output(0)).stream()
                .filter(node -> isOperator(node, "DequantizeLinear"))
                .filter(node -> Arrays.equals(scale(node), scale(quantize)))
                .findFirst();
    }

    private float[] scale(Node node) {
        return quantized.initializer(node.input(1)).map(TensorValue::floats).orElse(new float[0]);
    }

    /**
     * The quantized network with what is compared as its outputs.
     *
     * @param outputs by the float network's names
     */
    private record Probed(Graph graph, Map<String, String> outputs) {}

    /** A DequantizeLinear of its own for each quantized tensor leaves those of the network to the integer kernels. */
    private Probed probed(Map<String, Counterpart> counterparts) {
        GraphEditor editor = quantized.edit().clearOutputs();
        Map<String, String> outputs = new LinkedHashMap<>();
        counterparts.forEach((name, counterpart) -> {
            String output = counterpart
                    .reader()
                    .map(reader -> {
                        String probe = editor.unique(name + "_compared");
                        return editor.add(Node.of(reader.op(), probe, reader.inputs(), List.of(probe)));
                    })
                    .orElse(counterpart.raw());
            editor.output(ValueInfo.unranked(output, ElementType.FLOAT));
            outputs.put(name, output);
        });
        return new Probed(editor.build(), outputs);
    }

    /** What {@link #compare} has ONNX Runtime compute. */
    static Graph probed(Graph floats, Graph quantized, Items items) {
        Comparison comparison = new Comparison(floats, quantized, items);
        return comparison
                .probed(comparison.counterparts(comparison.comparable()))
                .graph();
    }

    private String operator(String name, Counterpart counterpart) {
        String op = floats.producer(name).orElseThrow().op();
        Optional<String> made = quantized.producer(counterpart.raw()).map(Node::op);
        return made.filter(other -> !other.equals(op) && !other.endsWith("QuantizeLinear"))
                .map(other -> other + ", " + op)
                .orElse(op);
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

    /** Adds up over batches. */
    private static final class Sums {
        private double signal;
        private double noise;
        private double largest;
        private boolean broken;

        void add(FloatTensor expected, FloatTensor actual, Fit fit) {
            for (int i = 0; i < expected.data().length; i++) {
                double value = expected.data()[i];
                if (Math.abs(value) > MASK) {
                    continue;
                }
                double error = Math.abs(value - fit.apply(actual.data()[i], i));
                broken |= !Double.isFinite(error);
                signal += value * value;
                noise += error * error;
                largest = Math.max(largest, error);
            }
        }

        Deviation deviation() {
            if (broken) {
                return new Deviation(-Deviation.MOST_DECIBELS, Double.POSITIVE_INFINITY);
            }
            double decibels = noise == 0 ? Deviation.MOST_DECIBELS : 10 * Math.log10(signal / noise);
            return new Deviation(Math.clamp(decibels, -Deviation.MOST_DECIBELS, Deviation.MOST_DECIBELS), largest);
        }
    }

    /**
     * The factor and shift of each channel that take the quantized network's tensor to the float one's, by least squares.
     *
     * @param positions numbers of one channel that follow one another
     */
    private record Fit(int positions, double[] factor, double[] shift) {

        static final Fit NONE = new Fit(1, new double[] {1}, new double[] {0});

        double apply(float value, int index) {
            int channel = index / positions % factor.length;
            return value * factor[channel] + shift[channel];
        }

        /** Channels come second or last; {@link #NONE} unless undoing them removes much noise. */
        static Fit best(FloatTensor expected, FloatTensor actual) {
            Fit best = NONE;
            double decibels = decibels(expected, actual, NONE) + WORTH_RESCALING;
            for (int axis : new int[] {1, expected.shape().length - 1}) {
                if (axis < 1
                        || expected.shape()[axis] == 1
                        || expected.data().length < FIT_SAMPLES * expected.shape()[axis]) {
                    continue;
                }
                Fit fit = along(axis, expected, actual);
                if (decibels(expected, actual, fit) > decibels) {
                    best = fit;
                    decibels = decibels(expected, actual, fit);
                }
            }
            return best;
        }

        private static double decibels(FloatTensor expected, FloatTensor actual, Fit fit) {
            Sums sums = new Sums();
            sums.add(expected, actual, fit);
            return sums.deviation().decibels();
        }

        private static Fit along(int axis, FloatTensor expected, FloatTensor actual) {
            long[] shape = expected.shape();
            int channels = (int) shape[axis];
            int positions = (int) TensorValue.elements(Arrays.copyOfRange(shape, axis + 1, shape.length));
            double count = expected.data().length / (double) channels;
            double[] x = new double[channels];
            double[] y = new double[channels];
            double[] xx = new double[channels];
            double[] xy = new double[channels];
            for (int i = 0; i < expected.data().length; i++) {
                int c = i / positions % channels;
                double from = actual.data()[i];
                x[c] += from;
                y[c] += expected.data()[i];
                xx[c] += from * from;
                xy[c] += from * expected.data()[i];
            }
            double[] factor = new double[channels];
            double[] shift = new double[channels];
            for (int c = 0; c < channels; c++) {
                double variance = xx[c] - x[c] * x[c] / count;
                factor[c] = variance > 0 ? (xy[c] - x[c] * y[c] / count) / variance : 1;
                shift[c] = (y[c] - factor[c] * x[c]) / count;
            }
            return new Fit(positions, factor, shift);
        }
    }
}
