package dev.limbeck.workflows;

import java.util.List;

/**
 * The search space as planned from the reference.
 *
 * @param digest of the plan's artifact, which holds blocks and choices
 * @param untrained digests of every block variant with random weights, for measuring before any training: [block][variant],
 *     in the precisions "fp32" and "int8"
 */
public record SpacePlan(String digest, List<List<Untrained>> untrained, Timing timing) {

    /** One block variant with random weights; {@code int8} is null where no scenario needs it. */
    public record Untrained(String fp32, String int8) {}
}
