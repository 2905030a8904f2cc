package dev.limbeck.workers.gpu;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.Splits;
import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.schemas.Spec;
import dev.limbeck.workflows.RunRequest;
import java.util.List;
import java.util.Locale;

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

    /**
     * A network that is used. "auto" tries one calibration after another until the goal is met, and keeps the best.
     *
     * @param floatAccuracy on the validation images
     */
    Result forUse(RunRequest run, Graph network, double floatAccuracy) {
        Spec.Quantize wanted = run.spec().quantize();
        List<Calibration> calibrations = wanted.method().equals("auto")
                ? List.of(Calibration.MINMAX, Calibration.PERCENTILE, Calibration.SQNR)
                : List.of(Calibration.valueOf(wanted.method().toUpperCase(Locale.ROOT)));
        FloatTensor images = images(run, network, wanted.images());
        Splits splits = workshop.data(run);
        Result best = null;
        for (Calibration calibration : calibrations) {
            Quantized quantized = Quantizer.quantize(
                    network, images, QuantizeOptions.defaults().withCalibration(calibration));
            double accuracy = Evaluation.accuracy(quantized.graph(), splits.validation(), 1);
            if (best == null || accuracy > best.validationAccuracy()) {
                best = new Result(quantized.graph(), accuracy, String.join("; ", quantized.steps()));
            }
            if (best.validationAccuracy() >= floatAccuracy - wanted.goal()) {
                break;
            }
        }
        return best;
    }

    private FloatTensor images(RunRequest run, Graph network, int count) {
        ImageDataset training = workshop.data(run).train();
        return training.fitting(network).batch(0, Math.min(count, training.size()));
    }
}
