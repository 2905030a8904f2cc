package dev.limbeck.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.QuantizationTraining;
import dev.limbeck.learn.TrainOptions;
import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.GatedQuantization;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.quantize.TrainableQuantization;
import dev.limbeck.schemas.Progress;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.tensor.Losses;
import dev.limbeck.tensor.Mode;
import dev.limbeck.tensor.Optimizer;
import dev.limbeck.tensor.Optimizers;
import dev.limbeck.tensor.Parameter;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import dev.limbeck.tensor.Threads;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * CPU time of a step of distillation on one thread: of the float network as it was trained, of the same with its batch norms folded, by
 * {@code --qat} with 4 bits and by {@code --bayesian-bits}, step by step in turns; prints one JSON line of medians in milliseconds.
 * Arguments: the network, steps (40).
 */
public final class QuantizedStep implements AutoCloseable {

    private static final int WARM_UP_STEPS = 5;
    private static final double STRENGTH = 0.1;
    private static final TrainOptions OPTIONS = QuantizationTraining.qat().options();

    private final GraphExecutor executor;
    private final Optimizer optimizer;
    private final Function<Map<String, Tensor>, Tensor> penalty;

    /** @param penalty from parameters by name to what is added to the loss */
    private QuantizedStep(Graph graph, Function<Map<String, Tensor>, Tensor> penalty) {
        this.penalty = penalty;
        executor = GraphExecutor.compile(graph);
        optimizer = Optimizers.adamW(executor.parameters(), 0.9, 0.999, 1e-8, OPTIONS.weightDecay());
    }

    public static void main(String[] arguments) {
        Graph network = Graph.read(Path.of(arguments[0]));
        int steps = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 40;
        Threads.limitTo(OPTIONS.threads());
        ImageDataset few = QuantizationData.splits()
                .train()
                .take(QuantizationData.CALIBRATION_IMAGES)
                .fitting(network);
        FloatTensor images = few.images();
        FloatTensor teacher = Evaluation.logits(network, few, OPTIONS.threads());
        Graph trainable = TrainableQuantization.of(network, images, bits(4), Progress.NONE)
                .graph();
        GatedQuantization gated = GatedQuantization.of(network, images, bits(8), Progress.NONE);
        Function<Map<String, Tensor>, Tensor> none = parameters -> Tensor.scalar(0);
        Map<String, QuantizedStep> kinds = new LinkedHashMap<>();
        kinds.put("floatMillis", new QuantizedStep(network, none));
        kinds.put("foldedMillis", new QuantizedStep(Quantizer.prepare(network), none));
        kinds.put("qatMillis", new QuantizedStep(trainable, none));
        kinds.put("bayesianBitsMillis", new QuantizedStep(gated.graph(), parameters -> gated.cost(parameters::get)
                .times(STRENGTH)));
        Map<String, double[]> millis = new LinkedHashMap<>();
        kinds.keySet().forEach(kind -> millis.put(kind, new double[steps]));
        for (int step = -WARM_UP_STEPS; step < steps; step++) {
            for (Map.Entry<String, QuantizedStep> kind : kinds.entrySet()) {
                double taken = kind.getValue().millis(images, teacher, step + WARM_UP_STEPS);
                if (step >= 0) {
                    millis.get(kind.getKey())[step] = taken;
                }
            }
        }
        kinds.values().forEach(QuantizedStep::close);
        ObjectNode row = new ObjectMapper().createObjectNode();
        millis.forEach((kind, taken) -> row.put(kind, median(taken)));
        System.out.println(row);
    }

    private static QuantizeOptions bits(int bits) {
        return QuantizeOptions.builder()
                .weightBits(bits)
                .activationBits(bits)
                .calibration(Calibration.MSE)
                .weightCalibration(Calibration.MSE)
                .build();
    }

    private double millis(FloatTensor images, FloatTensor teacher, int step) {
        int batch = OPTIONS.batchSize();
        int first = step * batch % (images.batch() - batch + 1);
        int[] items = IntStream.range(first, first + batch).toArray();
        long begun = cpuNanos();
        try (TensorScope scope = TensorScope.open()) {
            executor.reseed(step);
            optimizer.zeroGradients();
            Tensor output = executor.forward(Tensor.gather(images, items), Mode.TRAIN);
            Tensor soft = Losses.distillation(output, Tensor.gather(teacher, items), OPTIONS.temperature());
            Map<String, Tensor> parameters =
                    executor.parameters().stream().collect(Collectors.toMap(Parameter::name, Parameter::tensor));
            soft.plus(penalty.apply(parameters)).backward();
            optimizer.step(OPTIONS.learningRate());
        }
        return (cpuNanos() - begun) / 1e6;
    }

    /** With one thread, libtorch computes all on the thread that calls it. */
    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    @Override
    public void close() {
        optimizer.close();
        executor.close();
    }
}
