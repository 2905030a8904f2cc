package dev.limbeck.schemas;

/**
 * Data of an event on {@code limbeck.results}: a run has ended.
 *
 * @param results digest of {@code results.json} in the artifact store
 */
public record ResultEvent(String runId, String name, String results) {}
