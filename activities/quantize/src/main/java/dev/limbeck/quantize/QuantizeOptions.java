package dev.limbeck.quantize;

import static java.util.Objects.requireNonNull;

import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;

/**
 * How a network is quantized: 8-bit unsigned activations, 8-bit signed weights, 32-bit biases.
 *
 * @param calibration how activation ranges are chosen
 * @param percentile of the values that {@link Calibration#PERCENTILE} keeps, 50 to 100
 * @param perChannel a weight scale for each output channel; else one for each weight
 * @param equalize cross-layer equalization first (turns ReLU6 into ReLU)
 * @param biasCorrection shifts biases until the mean of each channel is that of the float network
 * @param reduceRange 7-bit weights, for x86 processors without VNNI, whose 16-bit sums would saturate
 * @param threads of ONNX Runtime while calibrating
 */
public record QuantizeOptions(
        Calibration calibration,
        double percentile,
        boolean perChannel,
        boolean equalize,
        boolean biasCorrection,
        boolean reduceRange,
        int threads) {

    /** Of activations and weights. */
    static final int BITS = 8;

    public QuantizeOptions {
        requireNonNull(calibration, "calibration is null");
        if (!(percentile > 50 && percentile <= 100)) {
            throw new BadInputException("percentile is " + percentile + "; give a number above 50, up to 100");
        }
        if (threads < 1) {
            throw new BadInputException("threads is " + threads + "; give 1 or more");
        }
    }

    /** Min-max calibration, per-channel weights, nothing else. */
    public static QuantizeOptions defaults() {
        return new QuantizeOptions(Calibration.MINMAX, 99.99, true, false, false, false, 1);
    }

    public QuantizeOptions withCalibration(Calibration newCalibration) {
        return new QuantizeOptions(
                newCalibration, percentile, perChannel, equalize, biasCorrection, reduceRange, threads);
    }

    public QuantizeOptions withPercentile(double newPercentile) {
        return new QuantizeOptions(
                calibration, newPercentile, perChannel, equalize, biasCorrection, reduceRange, threads);
    }

    public QuantizeOptions withPerChannel(boolean newPerChannel) {
        return new QuantizeOptions(
                calibration, percentile, newPerChannel, equalize, biasCorrection, reduceRange, threads);
    }

    public QuantizeOptions withEqualize(boolean newEqualize) {
        return new QuantizeOptions(
                calibration, percentile, perChannel, newEqualize, biasCorrection, reduceRange, threads);
    }

    public QuantizeOptions withBiasCorrection(boolean newBiasCorrection) {
        return new QuantizeOptions(
                calibration, percentile, perChannel, equalize, newBiasCorrection, reduceRange, threads);
    }

    public QuantizeOptions withReduceRange(boolean newReduceRange) {
        return new QuantizeOptions(
                calibration, percentile, perChannel, equalize, biasCorrection, newReduceRange, threads);
    }

    public QuantizeOptions withThreads(int newThreads) {
        return new QuantizeOptions(
                calibration, percentile, perChannel, equalize, biasCorrection, reduceRange, newThreads);
    }

    int weightBits() {
        return reduceRange ? BITS - 1 : BITS;
    }

    SessionOptions session() {
        return SessionOptions.defaults().withThreads(threads);
    }
}
