package dev.limbeck.workflows;

import java.util.List;

/**
 * A network that was quantized in one way.
 *
 * @param way its name in the spec
 * @param network digest of the graph
 * @param accuracy on the test images, which no choice ever uses
 * @param steps what was done, in order, in words
 * @param attempts what was tried, where the steps were chosen by accuracy
 * @param layersRemembered layers and blocks whose rounded weights an attempt before this one had left
 */
public record QuantizeOutcome(
        String way,
        String network,
        double validationAccuracy,
        double accuracy,
        List<String> steps,
        List<Attempt> attempts,
        int layersRemembered,
        Timing timing) {

    /** The same result for a way of another name. */
    public QuantizeOutcome called(String name) {
        return new QuantizeOutcome(
                name, network, validationAccuracy, accuracy, steps, attempts, layersRemembered, timing);
    }

    /** @param accuracy on the validation images */
    public record Attempt(String steps, double accuracy) {}
}
