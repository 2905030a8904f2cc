package dev.limbeck.cli;

import dev.limbeck.learn.Judge;
import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.RoundingOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Says that a quantized network is much worse than the float one, and what may help: nobody is to find that out later. */
final class QuantizationAdvice {

    /** Accuracy that a network may lose without a word. */
    private static final double MOST_LOST = 0.01;

    /** Decibels of the output's SQNR below which a network's answers usually change, where no labels tell more. */
    private static final double LEAST_SQNR = 15;

    /** Weights of as many bits are seldom rounded wrongly. */
    private static final int ENOUGH_BITS = 8;

    private final QuantizeOptions options;
    private final boolean saturates;

    /**
     * @param options that were used
     * @param saturates whether sums of 8-bit products do on the processor that judged the network
     */
    QuantizationAdvice(QuantizeOptions options, boolean saturates) {
        this.options = options;
        this.saturates = saturates;
    }

    /**
     * Empty where the network is good enough.
     *
     * @param floatAccuracy empty without labels
     */
    Optional<String> on(Optional<Double> floatAccuracy, Judge.Score score) {
        if (floatAccuracy.isPresent() && score.accuracy().isPresent()) {
            double lost = floatAccuracy.get() - score.accuracy().get();
            return lost <= MOST_LOST
                    ? Optional.empty()
                    : Optional.of("the network lost %.1f points of accuracy; %s".formatted(100 * lost, mend(true)));
        }
        return score.sqnr() >= LEAST_SQNR
                ? Optional.empty()
                : Optional.of(
                        "the output is far from the float network's (SQNR %.1f dB; below %.0f dB answers usually change); %s"
                                .formatted(score.sqnr(), LEAST_SQNR, mend(false)));
    }

    private String mend(boolean labels) {
        List<String> untried = new ArrayList<>();
        if (saturates && options.weights().bits() == ENOUGH_BITS) {
            untried.add("--reduce-range, as sums of 8-bit products saturate on this processor, which has no VNNI");
        }
        if (labels) {
            untried.add("--goal 1%, which tries methods itself");
        }
        if (options.weights().bits() < ENOUGH_BITS && options.rounding().method() == RoundingOptions.Method.NEAREST) {
            untried.add("--adaround");
        }
        if (!options.equalize()) {
            untried.add("--equalize");
        }
        if (!options.biasCorrection()) {
            untried.add("--bias-correction");
        }
        if (!options.activations().isFloat()) {
            if (options.calibration() == Calibration.MINMAX) {
                untried.add("--calibration percentile");
            }
            if (options.minimumSqnr().isEmpty()) {
                untried.add("--min-sqnr 20, which leaves in floats what costs most");
            }
        }
        String compare = "'limbeck compare' names the layer that goes wrong first";
        return untried.isEmpty() ? compare : "try " + String.join(", ", untried) + "; " + compare;
    }
}
