package dev.limbeck.workflows;

/** The end of a run. @param results digest of {@code results.json} in the artifact store */
public record RunOutcome(String runId, String results) {}
