package dev.limbeck.workflows;

import java.util.List;

/**
 * What a search found for one scenario.
 *
 * @param state digest of the search's last state, with every candidate and its latency
 * @param chosen architectures sampled evenly from the predicted front, to be finetuned
 * @param timing of the search as a whole
 */
public record SearchOutcome(String scenario, String state, List<List<Integer>> chosen, Timing timing) {}
