package dev.limbeck.workflows;

import java.util.List;

/**
 * Networks to measure on one device.
 *
 * @param networks digests of graphs
 */
public record MeasureTask(String runId, String scenario, Conditions conditions, Effort effort, List<String> networks) {

    /** How much time a measurement may take. */
    public enum Effort {
        /** A glance, for the profile of the space: some ten milliseconds. */
        PROFILE,
        /** For candidates inside the search: about a quarter of a second. */
        SEARCH,
        /** For choices among networks that differ little: about a quarter of a second for each, all of the task interleaved. */
        COMPARE,
        /** For the report: by the full protocol, all networks of the task interleaved so that they meet the same conditions. */
        REPORT
    }
}
