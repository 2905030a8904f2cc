package dev.limbeck.workflows;

import java.util.List;
import java.util.Map;

/**
 * The search space as planned from the reference.
 *
 * @param digest of the plan's artifact, which holds blocks and choices
 * @param untrained digests of every block variant with random weights: [block][variant]
 * @param glanced by scenario, digests of all those variants, blocks after one another, as they are to be measured before any
 *     training: in the scenario's precision, for what comes in from images of its size
 */
public record SpacePlan(
        String digest, List<List<String>> untrained, Map<String, List<String>> glanced, Timing timing) {}
