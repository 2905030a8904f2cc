package dev.limbeck.workflows;

import java.util.List;

/**
 * A network proposed by the search.
 *
 * @param network digest of the graph to measure, in the scenario's precision
 */
public record Candidate(List<Integer> architecture, double predictedAccuracy, String network) {}
