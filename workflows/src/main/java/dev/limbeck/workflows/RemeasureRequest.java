package dev.limbeck.workflows;

import java.util.List;

/**
 * What to measure again; complete in itself, since a server forgets runs.
 *
 * @param tolerance the largest drift that counts as none, as a fraction
 */
public record RemeasureRequest(String runId, double tolerance, List<Front> fronts) {

    public RemeasureRequest {
        fronts = List.copyOf(fronts);
    }

    /** What a run found for a scenario. @param networks of the front */
    public record Front(String scenario, Conditions conditions, Known reference, List<Known> networks) {
        public Front {
            networks = List.copyOf(networks);
        }
    }

    /**
     * A network and its latency in the run's results.
     *
     * @param model its path in the run's folder
     * @param network digest of the graph
     */
    public record Known(String model, String network, double p50Millis) {}
}
