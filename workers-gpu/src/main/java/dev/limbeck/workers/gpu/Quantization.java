package dev.limbeck.workers.gpu;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.QuantizationTraining;
import dev.limbeck.learn.Splits;
import dev.limbeck.quantize.AccuracyGoal;
import dev.limbeck.quantize.AutoQuantizer;
import dev.limbeck.quantize.MethodStages;
import dev.limbeck.quantize.MixedAim;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.QuantizeSpec;
import dev.limbeck.workflows.QuantizeOutcome.Method;
import dev.limbeck.workflows.RunRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** Quantizes what the run needs in integers: quickly for measuring, carefully for use. */
final class Quantization {

    private static final int IMAGES_FOR_LATENCY = 16;

    private final Workshop workshop;

    Quantization(Workshop workshop) {
        this.workshop = workshop;
    }

    /**
     * A quantized network.
     *
     * @param steps what was done to it
     * @param methods what each method brought, or each try where methods were chosen by accuracy
     * @param remembered layers, blocks, tries and trainings that an attempt before this one had done or begun
     * @param missed what was asked for and could not be reached, in words
     */
    record Result(
            Graph graph,
            double validationAccuracy,
            List<String> steps,
            List<Method> methods,
            int remembered,
            Optional<String> missed) {

        String made() {
            return String.join("; ", steps);
        }

        private Result missing(Optional<String> what) {
            return new Result(graph, validationAccuracy, steps, methods, remembered, what);
        }
    }

    /** A block that is only measured. @param inputs [items, ...] that it is calibrated on */
    Graph ofBlock(Graph block, FloatTensor inputs) {
        return Quantizer.quantize(block, inputs, QuantizeOptions.defaults()).graph();
    }

    /** A candidate that is only measured: kernels and latency do not depend on how well its ranges fit. */
    Graph forLatency(RunRequest run, Graph network) {
        return Quantizer.quantize(network, images(run, network, IMAGES_FOR_LATENCY), QuantizeOptions.defaults())
                .graph();
    }

    /**
     * A network that is used. "auto" tries one way after another until the goal is met, and keeps the best.
     *
     * @param key of the result; what layers came to is kept under it
     * @param millis latencies that are known, by {@link ShapeCost#key}; empty where none decide
     * @throws ShapeCost.UnmeasuredException if others decide
     */
    Result forUse(
            RunRequest run,
            Graph network,
            QuantizeSpec way,
            boolean reduceRange,
            String key,
            Map<String, List<Double>> millis,
            Progress progress) {
        QuantizeOptions asked = QuantizationSettings.options(way, run.spec().seed(), reduceRange);
        ToDoubleFunction<Graph> accuracy =
                graph -> Evaluation.accuracy(graph, workshop.data(run).validation(), 1);
        StoreLayerCheckpoints checkpoints = workshop.layerCheckpoints(key);
        if (way.mixed() == null) {
            return judged(quantized(run, network, way, asked, accuracy, checkpoints, key, progress), way);
        }
        MixedAim aim =
                choice(run, network, way, accuracy, key, millis, progress).of(asked);
        Result result = quantized(run, network, way, aim.choice().options(), accuracy, checkpoints, key, progress);
        return judged(result.missing(aim.missed()), way);
    }

    /** Networks whose latencies have to be compared before precisions can be chosen; empty if all that it needs is known. */
    Optional<List<Graph>> unmeasured(
            RunRequest run,
            Graph network,
            QuantizeSpec way,
            boolean reduceRange,
            String key,
            Map<String, List<Double>> millis,
            Progress progress) {
        try {
            choice(run, network, way, graph -> Double.NaN, key, millis, progress)
                    .of(QuantizationSettings.options(way, run.spec().seed(), reduceRange));
            return Optional.empty();
        } catch (ShapeCost.UnmeasuredException e) {
            return Optional.of(e.networks());
        }
    }

    private MixedChoice choice(
            RunRequest run,
            Graph network,
            QuantizeSpec way,
            ToDoubleFunction<Graph> accuracy,
            String key,
            Map<String, List<Double>> millis,
            Progress progress) {
        return new MixedChoice(
                network,
                images(run, network, way.images()),
                way,
                accuracy,
                new ShapeCost(millis)::of,
                workshop.layerCheckpoints(key),
                progress);
    }

    /** By what came out: training may reach a goal that was missed before it, and lose one that was met. */
    static Result judged(Result result, QuantizeSpec way) {
        boolean said = result.missed().isPresent() && !way.trains();
        if (way.goal() == null || said) {
            return result;
        }
        AccuracyGoal goal = new AccuracyGoal(result.methods().getFirst().accuracyBefore(), way.goal());
        return result.missing(goal.missed(
                result.validationAccuracy(),
                way.trains() ? "after training" : "with these steps",
                "the network was kept all the same"));
    }

    private Result quantized(
            RunRequest run,
            Graph network,
            QuantizeSpec way,
            QuantizeOptions options,
            ToDoubleFunction<Graph> accuracy,
            StoreLayerCheckpoints checkpoints,
            String key,
            Progress progress) {
        if (way.trains()) {
            return trained(run, network, way, options, key, progress);
        }
        if (way.method().equals(QuantizeSpec.AUTO)) {
            FloatTensor images = images(run, network, way.images());
            return chosen(
                    AutoQuantizer.quantize(network, images, options, accuracy, way.goal(), checkpoints, progress),
                    way.goal(),
                    checkpoints);
        }
        UnaryQuantizer quantizer = way.images() == 0
                ? stage -> Quantizer.quantize(network, stage, progress)
                : with(images(run, network, way.images()), network, checkpoints, progress);
        return inStages(accuracy.applyAsDouble(network), options, quantizer, accuracy, checkpoints);
    }

    /** Quantizes the network that it is about. */
    @FunctionalInterface
    private interface UnaryQuantizer {
        Quantized quantize(QuantizeOptions options);
    }

    private static UnaryQuantizer with(
            FloatTensor images, Graph network, StoreLayerCheckpoints checkpoints, Progress progress) {
        return stage -> Quantizer.quantize(network, images, stage, checkpoints, progress);
    }

    /** The network itself is the teacher. The training's state is kept in the store: any worker can go on with it. */
    private Result trained(
            RunRequest run, Graph network, QuantizeSpec way, QuantizeOptions options, String key, Progress progress) {
        Splits splits = workshop.data(run);
        StoreCheckpoints checkpoints = workshop.checkpoints(key);
        // of Bayesian Bits, when it is decided which bits there are
        StoreCheckpoints fixed = workshop.checkpoints(key + "-fixed");
        int remembered = checkpoints.load().isPresent() ? 1 : 0;
        long start = System.nanoTime();
        QuantizationTraining training =
                QuantizationSettings.training(way, run.spec().seed());
        Quantized quantized = training.train(
                        network,
                        splits.train(),
                        splits.validation(),
                        way.images(),
                        options,
                        progress,
                        checkpoints,
                        fixed)
                .quantized();
        double seconds = (System.nanoTime() - start) / 1e9;
        double accuracy = Evaluation.accuracy(quantized.graph(), splits.validation(), 1);
        Method method = new Method(
                training.method().label(),
                Evaluation.accuracy(network, splits.validation(), 1),
                accuracy,
                seconds,
                quantized.steps());
        checkpoints.clear();
        fixed.clear();
        return new Result(
                quantized.graph(), accuracy, quantized.steps(), List.of(method), remembered, Optional.empty());
    }

    private static Result chosen(AutoQuantizer.Outcome outcome, double goal, StoreLayerCheckpoints checkpoints) {
        List<Method> methods = outcome.attempts().stream()
                .map(tried -> new Method(
                        QuantizationSettings.describe(tried.options()),
                        outcome.floatAccuracy(),
                        tried.accuracy(),
                        tried.seconds(),
                        tried.steps()))
                .toList();
        Quantized quantized = outcome.quantized();
        return new Result(
                quantized.graph(),
                outcome.accuracy(),
                quantized.steps(),
                methods,
                checkpoints.recalled(),
                outcome.missed(goal));
    }

    /** Each method on top of the ones before, so that it can be told what each brings. */
    private static Result inStages(
            double floatAccuracy,
            QuantizeOptions options,
            UnaryQuantizer quantizer,
            ToDoubleFunction<Graph> accuracy,
            StoreLayerCheckpoints checkpoints) {
        List<Method> methods = new ArrayList<>();
        double before = floatAccuracy;
        Quantized quantized = null;
        Set<String> known = Set.of();
        for (Map.Entry<String, QuantizeOptions> stage : MethodStages.of(options).entrySet()) {
            long start = System.nanoTime();
            quantized = quantizer.quantize(stage.getValue());
            double after = accuracy.applyAsDouble(quantized.graph());
            Set<String> earlier = known;
            methods.add(new Method(
                    stage.getKey(),
                    before,
                    after,
                    (System.nanoTime() - start) / 1e9,
                    quantized.steps().stream()
                            .filter(step -> !earlier.contains(step))
                            .toList()));
            before = after;
            known = Set.copyOf(quantized.steps());
        }
        return new Result(
                quantized.graph(), before, quantized.steps(), methods, checkpoints.recalled(), Optional.empty());
    }

    private FloatTensor images(RunRequest run, Graph network, int count) {
        ImageDataset training = workshop.data(run).train();
        return training.fitting(network).batch(0, Math.min(count, training.size()));
    }
}
