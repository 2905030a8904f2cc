package dev.limbeck.quantize;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.tensor.LearnedStep;
import dev.limbeck.tensor.Mode;
import dev.limbeck.tensor.Optimizer;
import dev.limbeck.tensor.Optimizers;
import dev.limbeck.tensor.Parameter;
import dev.limbeck.tensor.RandomSelection;
import dev.limbeck.tensor.SoftRounding;
import dev.limbeck.tensor.Taps;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Learns for all weights of a block together whether to round up or down, so that the block's output stays as it was in the float
 * network (BRECQ, Li et al. 2021). Activations are quantized meanwhile and their steps learned, and each element is left in floats at
 * random, so that what is found does not depend on the exact noise (QDrop, Wei et al. 2022).
 *
 * <p>The loss is the squared error, summed over channels, mean over images and positions, divided by that of the weights to begin with
 * for one element of the weights. What the block reads comes from the network quantized so far: with weights of few bits it differs so
 * much from the float network's that a mixture of both, as in QDrop, would teach the block to expect what never comes.
 */
final class BlockReconstruction implements AutoCloseable {

    private static final double STEP_RATE = 1e-3;

    /** How near to the weights to begin with the variables begin: 0 where the float weights lie, 1 at them. */
    private static final double TRUST = 0.7;

    /** Batches by which what was learned is compared with what it began with. */
    private static final int BATCHES_TO_JUDGE = 8;

    private final ReconstructionBlock block;
    private final Map<String, Encoding> weights;
    private final Map<String, float[]> start;
    private final RoundingOptions options;
    private final GraphExecutor executor;
    private final Data data;
    private final RandomSelection selection;
    private final Map<String, LearnedStep> steps = new LinkedHashMap<>();
    private final Map<String, LearnedStep> stepOf = new LinkedHashMap<>();
    private final List<LearnedStep> fixed = new ArrayList<>();
    private final Random random;

    /**
     * What a block reads and what it should make, [images, ...].
     *
     * @param inputs of the block in the network quantized so far
     * @param targets its outputs in the float network
     */
    record Data(FloatTensor inputs, FloatTensor targets) {}

    /**
     * @param weights on their grids, by initializer
     * @param steps of activations that were learned, by tensor
     */
    record Result(Map<String, float[]> weights, Map<String, Float> steps) {}

    /**
     * @param weights grids of the block's weights, by initializer
     * @param start weights on those grids to begin with
     */
    BlockReconstruction(
            ReconstructionBlock block,
            Map<String, Encoding> weights,
            Map<String, float[]> start,
            QuantizationPlan plan,
            Map<String, Encoding> activations,
            RoundingOptions options,
            Data data,
            long seed) {
        this.block = block;
        this.weights = weights;
        this.start = start;
        this.options = options;
        this.data = data;
        this.executor = GraphExecutor.compile(block.graph());
        this.selection = new RandomSelection(options.dropped(), seed);
        this.random = new Random(seed);
        addSteps(plan, activations);
    }

    /** Tensors that share a grid share its step; the input's belongs to the block before. */
    private void addSteps(QuantizationPlan plan, Map<String, Encoding> activations) {
        List<String> tensors = new ArrayList<>();
        tensors.add(block.from());
        block.graph().nodes().forEach(node -> tensors.addAll(node.outputs()));
        for (String tensor : tensors) {
            Encoding encoding = activations.get(tensor);
            if (!plan.quantized().contains(tensor)
                    || encoding == null
                    || encoding.format().isFloat()) {
                continue;
            }
            String root = plan.root(tensor);
            boolean learned = tensors.contains(root)
                    && !root.equals(block.from())
                    && plan.gateOf(root).isEmpty()
                    && plan.fixedRange(root).isEmpty();
            if (learned) {
                stepOf.put(tensor, steps.computeIfAbsent(root, r -> step(encoding)));
            } else {
                LearnedStep step = step(encoding);
                fixed.add(step);
                stepOf.put(tensor, step);
            }
        }
    }

    private static LearnedStep step(Encoding encoding) {
        return new LearnedStep(encoding.scale()[0], encoding.zeroPoint()[0], encoding.lowest(), encoding.highest());
    }

    /** The weights to begin with, and steps as they were, where nothing better was found. */
    Result reconstruct() {
        Map<String, TensorValue> values = new LinkedHashMap<>();
        for (Node layer : block.layers()) {
            values.put(layer.input(1), block.graph().initializers().get(layer.input(1)));
        }
        double before = judge(values, start);
        if (!(before > 0)) {
            return new Result(start, Map.of());
        }
        Map<String, float[]> learned = learn(values, before);
        if (judge(values, learned) >= before) {
            return new Result(start, Map.of());
        }
        Map<String, Float> moved = new LinkedHashMap<>();
        stepOf.forEach((tensor, step) -> {
            if (steps.containsValue(step)) {
                moved.put(tensor, step.step());
            }
        });
        return new Result(learned, moved);
    }

    private Map<String, float[]> learn(Map<String, TensorValue> values, double before) {
        Map<String, SoftRounding> roundings = new LinkedHashMap<>();
        long elements = values.values().stream().mapToLong(TensorValue::size).sum();
        List<Parameter> parameters = new ArrayList<>();
        steps.forEach((name, step) -> parameters.add(step.parameter(name)));
        try (Optimizer optimizer = Optimizers.adamW(parameters, 0.9, 0.999, 1e-8, 0)) {
            values.forEach((name, value) ->
                    roundings.put(name, rounding(value, weights.get(name), start.get(name), elements / before)));
            Map<String, Tensor> soft = new HashMap<>();
            roundings.forEach((name, rounding) -> soft.put(name, rounding.weight()));
            for (int i = 0; i < options.iterations(); i++) {
                try (TensorScope scope = TensorScope.open()) {
                    loss(
                                    soft,
                                    random.ints(
                                                    options.batch(),
                                                    0,
                                                    data.targets().batch())
                                            .toArray(),
                                    options.dropped() > 0)
                            .backward();
                    double lambda = options.isRegularized(i) ? options.regularization() : 0;
                    double beta = options.beta(i);
                    roundings.values().forEach(r -> r.descend(options.learningRate(), beta, lambda));
                    double left = 1 - (double) i / options.iterations();
                    optimizer.step(STEP_RATE * left);
                    optimizer.zeroGradients();
                }
            }
            Map<String, float[]> learned = new LinkedHashMap<>();
            roundings.forEach((name, rounding) -> learned.put(
                    name,
                    Neighbours.rounded(
                            values.get(name),
                            weights.get(name),
                            rounding.fraction().data())));
            return learned;
        } finally {
            roundings.values().forEach(SoftRounding::close);
        }
    }

    private static SoftRounding rounding(TensorValue value, Encoding encoding, float[] start, double lossScale) {
        Neighbours neighbours = Neighbours.of(value, encoding);
        float[] fraction = neighbours.fraction();
        for (int i = 0; i < fraction.length; i++) {
            boolean up = start[i] > neighbours.lower()[i] + 0.5f * neighbours.step()[i];
            fraction[i] = (float) ((1 - TRUST) * fraction[i] + (up ? TRUST : 0));
        }
        return new SoftRounding(
                new FloatTensor(neighbours.lower(), value.shape()),
                new FloatTensor(neighbours.step(), value.shape()),
                new FloatTensor(fraction, value.shape()),
                lossScale);
    }

    /** Mean squared error on the first images, with all activations quantized. */
    private double judge(Map<String, TensorValue> values, Map<String, float[]> rounded) {
        int batches = Math.clamp(data.targets().batch() / options.batch(), 1, BATCHES_TO_JUDGE);
        double sum = 0;
        for (int b = 0; b < batches; b++) {
            try (TensorScope scope = TensorScope.open()) {
                Map<String, Tensor> tensors = new HashMap<>();
                rounded.forEach((name, weight) ->
                        tensors.put(name, Tensor.of(weight, values.get(name).shape())));
                int from = b * options.batch();
                int count = Math.min(options.batch(), data.targets().batch() - from);
                int[] items = IntStream.range(from, from + count).toArray();
                sum += loss(tensors, items, false).item();
            }
        }
        return sum / batches;
    }

    private Tensor loss(Map<String, Tensor> tensors, int[] items, boolean dropping) {
        Tensor input = Tensor.gather(data.inputs(), items);
        Taps taps = new Taps() {
            @Override
            public Tensor weight(String name, Tensor value) {
                return tensors.getOrDefault(name, value.detach());
            }

            @Override
            public Tensor activation(String tensor, Tensor value) {
                LearnedStep step = stepOf.get(tensor);
                if (step == null) {
                    return value;
                }
                Tensor simulated = step.quantize(value);
                return dropping ? selection.select(simulated, value) : simulated;
            }
        };
        Tensor output =
                executor.forward(Map.of(block.from(), input), Mode.FROZEN, taps).get(block.to());
        Tensor error = output.minus(Tensor.gather(data.targets(), items));
        long[] shape = output.shape();
        // channels come second in images, last in everything else
        long channels = shape[shape.length == 4 ? 1 : shape.length - 1];
        double rows = (double) data.targets().itemSize() / channels * items.length;
        return error.square().sum().times(1 / rows);
    }

    @Override
    public void close() {
        executor.close();
        selection.close();
        steps.values().forEach(LearnedStep::close);
        fixed.forEach(LearnedStep::close);
    }
}
