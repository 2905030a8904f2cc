package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ShapeInference;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.quantize.NormalDistribution.Moments;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/**
 * Carries the statistics of batch norms through a network whose norms are folded: activations of a normal distribution have known
 * moments, sums of branches add up, and what a layer without batch norm makes follows from its weights.
 *
 * <p>Channels are taken as independent, but for the positions that a kernel sees of one channel, which count as equal if that makes
 * the variance larger.
 */
final class StatisticsPropagation {

    /** Reach of a range from a normal distribution's mean, in standard deviations (Nagel et al. 2019: 6). */
    private static final double DEVIATIONS = 6;

    /** Errors grow from layer to layer where no batch norm tells; so many in a row are enough for squeeze-and-excitation. */
    private static final int LAYERS_IN_A_ROW = 2;

    private final Graph graph;
    private final BatchNormStatistics norms;
    private final Map<String, ValueInfo> shapes;
    private final Map<String, ChannelStatistics> known = new LinkedHashMap<>();
    private final Map<String, Integer> unnormalized = new HashMap<>();

    /**
     * @param graph without batch norms
     * @param norms the statistics of those it had
     */
    StatisticsPropagation(Graph graph, BatchNormStatistics norms) {
        this.graph = graph;
        this.norms = norms;
        this.shapes = shapes(graph);
    }

    private static Map<String, ValueInfo> shapes(Graph graph) {
        try {
            return ShapeInference.infer(graph, 1);
        } catch (BadInputException e) {
            return Map.of(); // then sizes count as unknown
        }
    }

    /** Of every tensor of which something can be told. */
    Map<String, ChannelStatistics> run() {
        input();
        for (Node node : graph.nodes()) {
            String output = node.output(0);
            int layers = node.inputs().stream()
                            .mapToInt(input -> unnormalized.getOrDefault(input, 0))
                            .max()
                            .orElse(0)
                    + (OperatorKind.of(graph, node) == OperatorKind.WEIGHTED ? 1 : 0);
            if (norms.has(output)) {
                known.put(output, normalized(output));
            } else if (layers <= LAYERS_IN_A_ROW) {
                propagated(node).ifPresent(statistics -> {
                    known.put(output, statistics);
                    boolean bounded =
                            List.of("Sigmoid", "HardSigmoid", "Tanh", "Softmax").contains(node.op());
                    unnormalized.put(output, bounded ? 0 : layers);
                });
            }
        }
        return known;
    }

    /** Pixels from 0 to 1, less their mean, over their standard deviation. */
    private void input() {
        ValueInfo input = graph.inputs().getFirst();
        Optional<InputNormalization> normalization = InputNormalization.of(graph);
        if (normalization.isEmpty() || input.shape() == null || input.shape().length < 2) {
            return;
        }
        float[] mean = normalization.get().mean();
        float[] std = normalization.get().std();
        int channels = (int) Math.max(mean.length, input.shape()[1]);
        if (channels % mean.length != 0) {
            return;
        }
        ChannelStatistics statistics = ChannelStatistics.empty(channels);
        for (int c = 0; c < channels; c++) {
            int i = c % mean.length;
            statistics.set(c, new Moments(0, 1), -mean[i] / (double) std[i], (1 - mean[i]) / (double) std[i]);
        }
        known.put(input.name(), statistics);
    }

    private ChannelStatistics normalized(String tensor) {
        ChannelStatistics statistics = ChannelStatistics.empty(norms.channels(tensor));
        for (int c = 0; c < statistics.channels(); c++) {
            NormalDistribution normal = norms.of(tensor, c);
            double reach = DEVIATIONS * normal.deviation();
            statistics.set(
                    c,
                    new Moments(normal.mean(), normal.deviation() * normal.deviation()),
                    normal.mean() - reach,
                    normal.mean() + reach);
        }
        return statistics;
    }

    private Optional<ChannelStatistics> propagated(Node node) {
        Optional<ChannelStatistics> first = Optional.ofNullable(known.get(node.input(0)));
        return switch (node.op()) {
            case "Relu" -> first.map(x -> clipped(x, 0, Double.POSITIVE_INFINITY));
            case "Clip" -> first.map(x -> clipped(x, bound(node, 1, -1), bound(node, 2, 1)));
            case "LeakyRelu" -> {
                double slope = node.number("alpha", 0.01f);
                yield first.map(x -> function(x, v -> v < 0 ? slope * v : v));
            }
            case "PRelu" -> first.flatMap(x -> parametric(node, x));
            case "HardSwish" -> first.map(x -> function(x, v -> v * Math.clamp(v / 6 + 0.5, 0, 1)));
            case "HardSigmoid" -> {
                double slope = node.number("alpha", 0.2f);
                double shift = node.number("beta", 0.5f);
                yield first.map(x -> function(x, v -> Math.clamp(slope * v + shift, 0, 1)));
            }
            case "Sigmoid" -> first.map(x -> function(x, v -> 1 / (1 + Math.exp(-v))));
            case "Tanh" -> first.map(x -> function(x, Math::tanh));
            case "Add", "Mul" -> binary(node);
            case "Concat" -> node.integer("axis", 1) == 1 ? concatenated(node) : Optional.empty();
            case "Identity", "Dropout", "MaxPool" -> first;
            case "AveragePool", "GlobalAveragePool" -> first.map(x -> averaged(node, x));
            case "Flatten", "Reshape", "Squeeze" -> first.flatMap(x -> flattened(node, x));
            case "Conv", "Gemm", "MatMul" -> first.flatMap(x -> weighted(node, x));
            default -> Optional.empty();
        };
    }

    private double bound(Node clip, int input, int sign) {
        return graph.initializer(clip.input(input))
                .map(value -> (double) value.scalarFloat())
                .orElse(sign * Double.POSITIVE_INFINITY);
    }

    private static ChannelStatistics clipped(ChannelStatistics x, double low, double high) {
        ChannelStatistics y = ChannelStatistics.empty(x.channels());
        for (int c = 0; c < x.channels(); c++) {
            boolean inside = x.low()[c] >= low && x.high()[c] <= high;
            Moments moments = inside
                    ? new Moments(x.mean()[c], x.variance()[c])
                    : x.normal(c).clipped(low, high);
            y.set(c, moments, Math.max(low, Math.min(high, x.low()[c])), Math.max(low, Math.min(high, x.high()[c])));
        }
        return y;
    }

    private static ChannelStatistics function(ChannelStatistics x, DoubleUnaryOperator function) {
        ChannelStatistics y = ChannelStatistics.empty(x.channels());
        for (int c = 0; c < x.channels(); c++) {
            set(y, c, x, function);
        }
        return y;
    }

    private static void set(ChannelStatistics y, int c, ChannelStatistics x, DoubleUnaryOperator function) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        int steps = 64; // also for functions that fall and rise again
        for (int i = 0; i <= steps; i++) {
            double value = function.applyAsDouble(x.low()[c] + (x.high()[c] - x.low()[c]) * i / steps);
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        y.set(c, x.normal(c).of(function), low, high);
    }

    private Optional<ChannelStatistics> parametric(Node node, ChannelStatistics x) {
        Optional<TensorValue> slopes = graph.initializer(node.input(1));
        if (slopes.isEmpty() || slopes.get().size() != 1 && slopes.get().size() != x.channels()) {
            return Optional.empty();
        }
        float[] slope = slopes.get().floats();
        ChannelStatistics y = ChannelStatistics.empty(x.channels());
        for (int c = 0; c < x.channels(); c++) {
            double below = slope[c % slope.length];
            set(y, c, x, v -> v < 0 ? below * v : v);
        }
        return Optional.of(y);
    }

    private Optional<ChannelStatistics> binary(Node node) {
        Optional<ChannelStatistics> a = operand(node, 0);
        Optional<ChannelStatistics> b = operand(node, 1);
        if (a.isEmpty() || b.isEmpty()) {
            return Optional.empty();
        }
        int channels = Math.max(a.get().channels(), b.get().channels());
        if (channels % a.get().channels() != 0 || channels % b.get().channels() != 0) {
            return Optional.empty();
        }
        ChannelStatistics y = ChannelStatistics.empty(channels);
        for (int c = 0; c < channels; c++) {
            if (node.op().equals("Add")) {
                sum(y, c, a.get(), b.get());
            } else {
                product(y, c, a.get(), b.get());
            }
        }
        return Optional.of(y);
    }

    /** Independent values; no further out than their ends, nor than the ends of a normal distribution. */
    private void sum(ChannelStatistics y, int c, ChannelStatistics a, ChannelStatistics b) {
        int i = c % a.channels();
        int j = c % b.channels();
        double mean = a.mean()[i] + b.mean()[j];
        double variance = a.variance()[i] + b.variance()[j];
        double reach = DEVIATIONS * Math.sqrt(variance);
        y.set(
                c,
                new Moments(mean, variance),
                Math.max(a.low()[i] + b.low()[j], mean - reach),
                Math.min(a.high()[i] + b.high()[j], mean + reach));
    }

    private static void product(ChannelStatistics y, int c, ChannelStatistics a, ChannelStatistics b) {
        int i = c % a.channels();
        int j = c % b.channels();
        double variance = a.variance()[i] * b.variance()[j]
                + a.variance()[i] * b.mean()[j] * b.mean()[j]
                + b.variance()[j] * a.mean()[i] * a.mean()[i];
        double[] corners = {
            a.low()[i] * b.low()[j], a.low()[i] * b.high()[j], a.high()[i] * b.low()[j], a.high()[i] * b.high()[j]
        };
        Arrays.sort(corners);
        y.set(c, new Moments(a.mean()[i] * b.mean()[j], variance), corners[0], corners[3]);
    }

    /** An activation, or a constant of one value or one for each channel. */
    private Optional<ChannelStatistics> operand(Node node, int input) {
        Optional<TensorValue> constant = graph.initializer(node.input(input));
        if (constant.isEmpty()) {
            return Optional.ofNullable(known.get(node.input(input)));
        }
        ChannelStatistics other = known.get(node.input(1 - input));
        float[] values = constant.get().floats();
        long[] shape = constant.get().shape();
        int rank =
                shapes.containsKey(node.output(0)) ? shapes.get(node.output(0)).shape().length : 0;
        boolean perChannel = other != null
                && values.length == other.channels()
                && rank > 1
                && shape.length >= rank - 1
                && shape[shape.length - rank + 1] == values.length;
        if (values.length != 1 && !perChannel) {
            return Optional.empty();
        }
        ChannelStatistics statistics = ChannelStatistics.empty(values.length);
        for (int c = 0; c < values.length; c++) {
            statistics.set(c, new Moments(values[c], 0), values[c], values[c]);
        }
        return Optional.of(statistics);
    }

    /** Positions are neither independent nor equal; as many count as independent as the square root of their number. */
    private ChannelStatistics averaged(Node node, ChannelStatistics x) {
        double positions = 1;
        if (node.op().equals("AveragePool")) {
            positions = TensorValue.elements(node.integers("kernel_shape"));
        } else if (shapes.containsKey(node.input(0))) {
            long[] shape = shapes.get(node.input(0)).shape();
            positions = TensorValue.elements(Arrays.copyOfRange(shape, 2, shape.length));
        }
        ChannelStatistics y = ChannelStatistics.empty(x.channels());
        for (int c = 0; c < x.channels(); c++) {
            y.set(c, new Moments(x.mean()[c], x.variance()[c] / Math.sqrt(positions)), x.low()[c], x.high()[c]);
        }
        return y;
    }

    private Optional<ChannelStatistics> concatenated(Node node) {
        List<ChannelStatistics> parts = new ArrayList<>();
        for (String input : node.inputs()) {
            if (!known.containsKey(input)) {
                return Optional.empty();
            }
            parts.add(known.get(input));
        }
        ChannelStatistics y = ChannelStatistics.empty(
                parts.stream().mapToInt(ChannelStatistics::channels).sum());
        int position = 0;
        for (ChannelStatistics part : parts) {
            for (int c = 0; c < part.channels(); c++) {
                y.set(position++, new Moments(part.mean()[c], part.variance()[c]), part.low()[c], part.high()[c]);
            }
        }
        return Optional.of(y);
    }

    /** [N, C, ...] to [N, features]. */
    private Optional<ChannelStatistics> flattened(Node node, ChannelStatistics x) {
        ValueInfo from = shapes.get(node.input(0));
        ValueInfo to = shapes.get(node.output(0));
        boolean rows = from != null
                && to != null
                && to.shape().length == 2
                && from.shape().length > 1
                && from.shape()[0] == to.shape()[0]
                && from.shape()[1] == x.channels()
                && to.shape()[1] % x.channels() == 0;
        return rows ? Optional.of(x.repeated((int) (to.shape()[1] / x.channels()))) : Optional.empty();
    }

    private Optional<ChannelStatistics> weighted(Node node, ChannelStatistics x) {
        Optional<WeightedSum> sum = WeightedSum.of(graph, node, shapes).filter(s -> s.inputs() == x.channels());
        return sum.map(s -> {
            double[] mean = s.means(s.weight(), x.mean());
            double[] variance = s.variances(x.variance());
            float[] bias =
                    node.hasInput(2) ? graph.initializers().get(node.input(2)).floats() : new float[mean.length];
            ChannelStatistics y = ChannelStatistics.empty(mean.length);
            for (int c = 0; c < mean.length; c++) {
                double centre = mean[c] + bias[c];
                double reach = DEVIATIONS * Math.sqrt(variance[c]);
                y.set(c, new Moments(centre, variance[c]), centre - reach, centre + reach);
            }
            return y;
        });
    }
}
