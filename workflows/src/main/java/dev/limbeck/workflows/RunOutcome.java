package dev.limbeck.workflows;

import java.util.Map;

/**
 * The end of a run.
 *
 * @param results digest of {@code results.json} in the artifact store
 * @param models digest of every network's file, by its path in the run's folder
 */
public record RunOutcome(String runId, String results, Map<String, String> models) {}
