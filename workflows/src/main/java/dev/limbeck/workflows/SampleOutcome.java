package dev.limbeck.workflows;

import java.util.List;

/**
 * A network finetuned to fit the predictor on.
 *
 * @param architecture chosen variant of every block
 * @param accuracy on the validation images, as a fraction
 */
public record SampleOutcome(
        List<Integer> architecture,
        double accuracyBeforeFinetuning,
        double accuracy,
        long macs,
        long parameters,
        Timing timing) {}
