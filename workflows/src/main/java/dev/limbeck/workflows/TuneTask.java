package dev.limbeck.workflows;

/**
 * A network that settings of the runtime are sought for on one device.
 *
 * @param conditions their threads may be used, not more
 * @param network digest of the graph
 */
public record TuneTask(String runId, String scenario, Conditions conditions, String network) {}
