package dev.limbeck.workflows;

/**
 * A distilled block variant.
 *
 * @param graph digest of the trained block
 * @param validationNoiseToSignal its quality on held-out activations; 0 is perfect, 1 is as good as the channel's mean
 */
public record BlockOutcome(
        BlockTask task, String graph, double trainingNoiseToSignal, double validationNoiseToSignal, Timing timing) {}
