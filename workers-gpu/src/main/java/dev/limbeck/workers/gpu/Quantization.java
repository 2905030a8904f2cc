package dev.limbeck.workers.gpu;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.quantize.AutoQuantizer;
import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.Spec;
import dev.limbeck.workflows.RunRequest;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Quantizes what the run needs in integers: quickly for measuring, carefully for use. */
final class Quantization {

    private static final int IMAGES_FOR_LATENCY = 16;

    private final Workshop workshop;

    Quantization(Workshop workshop) {
        this.workshop = workshop;
    }

    /** A quantized network and what was done to it. */
    record Result(Graph graph, double validationAccuracy, String made) {}

    /** A block that is only measured. @param inputs [items, ...] that it is calibrated on */
    Graph ofBlock(Graph block, FloatTensor inputs) {
        return Quantizer.quantize(block, inputs, QuantizeOptions.defaults()).graph();
    }

    /** A candidate that is only measured: kernels and latency do not depend on how well its ranges fit. */
    Graph forLatency(RunRequest run, Graph network) {
        return Quantizer.quantize(network, images(run, network, IMAGES_FOR_LATENCY), QuantizeOptions.defaults())
                .graph();
    }

    /** A network that is used. "auto" tries one way after another until the goal is met, and keeps the best. */
    Result forUse(RunRequest run, Graph network, boolean reduceRange, Progress progress) {
        Spec.Quantize wanted = run.spec().quantize();
        FloatTensor images = images(run, network, wanted.images());
        ToDoubleFunction<Graph> accuracy =
                graph -> Evaluation.accuracy(graph, workshop.data(run).validation(), 1);
        QuantizeOptions options =
                QuantizeOptions.builder().reduceRange(reduceRange).build();
        if (wanted.method().equals("auto")) {
            AutoQuantizer.Outcome outcome =
                    AutoQuantizer.quantize(network, images, options, accuracy, wanted.goal(), progress);
            return result(outcome.quantized(), outcome.accuracy());
        }
        Calibration calibration = Calibration.valueOf(wanted.method().toUpperCase(Locale.ROOT));
        Quantized quantized = Quantizer.quantize(
                network, images, options.toBuilder().calibration(calibration).build(), progress);
        return result(quantized, accuracy.applyAsDouble(quantized.graph()));
    }

    private static Result result(Quantized quantized, double accuracy) {
        return new Result(quantized.graph(), accuracy, String.join("; ", quantized.steps()));
    }

    private FloatTensor images(RunRequest run, Graph network, int count) {
        ImageDataset training = workshop.data(run).train();
        return training.fitting(network).batch(0, Math.min(count, training.size()));
    }
}
