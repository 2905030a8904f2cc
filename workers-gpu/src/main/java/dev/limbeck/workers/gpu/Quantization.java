package dev.limbeck.workers.gpu;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.quantize.AutoQuantizer;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.Spec;
import dev.limbeck.workflows.QuantizeOutcome.Attempt;
import dev.limbeck.workflows.RunRequest;
import java.time.Duration;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Quantizes what the run needs in integers: quickly for measuring, carefully for use. */
final class Quantization {

    private static final int IMAGES_FOR_LATENCY = 16;

    /** Well below the time after which a worker without heartbeats counts as dead. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);

    private final Workshop workshop;

    Quantization(Workshop workshop) {
        this.workshop = workshop;
    }

    /**
     * A quantized network.
     *
     * @param steps what was done to it
     * @param attempts what was tried where the steps were chosen by accuracy
     * @param layersRemembered layers and blocks that an attempt before this one had done
     */
    record Result(
            Graph graph, double validationAccuracy, List<String> steps, List<Attempt> attempts, int layersRemembered) {

        String made() {
            return String.join("; ", steps);
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
     */
    Result forUse(
            RunRequest run, Graph network, Spec.Quantize way, boolean reduceRange, String key, Progress progress) {
        QuantizeOptions options = QuantizationSettings.options(way, run.spec().seed(), reduceRange);
        ToDoubleFunction<Graph> accuracy =
                graph -> Evaluation.accuracy(graph, workshop.data(run).validation(), 1);
        try (SteadyProgress steady = new SteadyProgress(progress, HEARTBEAT)) {
            if (way.method().equals(Spec.Quantize.AUTO)) {
                AutoQuantizer.Outcome outcome = AutoQuantizer.quantize(
                        network, images(run, network, way.images()), options, accuracy, way.goal(), steady);
                List<Attempt> attempts = outcome.attempts().stream()
                        .map(tried -> new Attempt(QuantizationSettings.describe(tried.options()), tried.accuracy()))
                        .toList();
                return new Result(
                        outcome.quantized().graph(),
                        outcome.accuracy(),
                        outcome.quantized().steps(),
                        attempts,
                        0);
            }
            StoreLayerCheckpoints checkpoints = workshop.layerCheckpoints(key);
            Quantized quantized = way.images() == 0
                    ? Quantizer.quantize(network, options, steady)
                    : Quantizer.quantize(network, images(run, network, way.images()), options, checkpoints, steady);
            return new Result(
                    quantized.graph(),
                    accuracy.applyAsDouble(quantized.graph()),
                    quantized.steps(),
                    List.of(),
                    checkpoints.recalled());
        }
    }

    private FloatTensor images(RunRequest run, Graph network, int count) {
        ImageDataset training = workshop.data(run).train();
        return training.fitting(network).batch(0, Math.min(count, training.size()));
    }
}
