package dev.limbeck.workflows;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * A finished network in one precision.
 *
 * @param architecture chosen variant of every block; empty for the reference
 * @param network digest of the graph
 * @param accuracy on the test images, which no choice ever uses
 * @param made what was done to it, in a few words
 * @param compression the scheme by which it was made smaller; null where it was not
 * @param missed what was asked for and could not be reached, in words: the network is the nearest there is
 */
public record Finetuned(
        List<Integer> architecture,
        String precision,
        String network,
        double validationAccuracy,
        double accuracy,
        String made,
        Timing timing,
        @JsonInclude(JsonInclude.Include.NON_NULL) String compression,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> missed) {

    public Finetuned {
        missed = missed == null ? List.of() : List.copyOf(missed);
    }

    /** One that is all that was asked for. */
    public Finetuned(
            List<Integer> architecture,
            String precision,
            String network,
            double validationAccuracy,
            double accuracy,
            String made,
            Timing timing) {
        this(architecture, precision, network, validationAccuracy, accuracy, made, timing, null, List.of());
    }
}
