package dev.limbeck.workflows;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * A network that was quantized in one way.
 *
 * @param way its name in the spec
 * @param network digest of the graph
 * @param accuracy on the test images, which no choice ever uses
 * @param steps what was done, in order, in words
 * @param methods what each of the methods brought that were used or, where they were chosen by accuracy, tried
 * @param remembered layers, blocks, tries and trainings that an attempt before this one had done or begun
 * @param missed what was asked for and could not be reached, in words: the network is the nearest there is
 */
public record QuantizeOutcome(
        String way,
        String network,
        double validationAccuracy,
        double accuracy,
        List<String> steps,
        List<Method> methods,
        int remembered,
        Timing timing,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> missed) {

    public QuantizeOutcome {
        missed = missed == null ? List.of() : List.copyOf(missed);
    }

    /** The same result for a way of another name. */
    public QuantizeOutcome called(String name) {
        return new QuantizeOutcome(
                name, network, validationAccuracy, accuracy, steps, methods, remembered, timing, missed);
    }

    /**
     * Accuracies are on the validation images.
     *
     * @param accuracyBefore without this method, but with those before it
     * @param done what was done, but for what was done before
     */
    public record Method(String name, double accuracyBefore, double accuracy, double seconds, List<String> done) {}
}
