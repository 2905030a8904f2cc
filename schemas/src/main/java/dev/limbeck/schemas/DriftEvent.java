package dev.limbeck.schemas;

import java.util.List;

/**
 * Data of an event on {@code limbeck.drift}: a scenario's front, measured again on its devices, beside what its run had measured.
 *
 * <p>A drift is a latency now over the one then, minus 1. The networks' drifts are those of their ratios to the reference, which was
 * measured in turns with them both times: a machine that has become slower slows the reference too, and changes no ratio.
 *
 * @param runId whose results these are
 * @param occasion on which it was measured again; all scenarios of one occasion share it, and an event that is sent twice keeps it
 * @param device that measured
 * @param runtime name and version
 * @param tolerance the largest drift that counts as none, as a fraction
 * @param rounds how often all networks were measured; latencies are the medians
 * @param valid whether the protocol's conditions held in every round
 * @param machineDrifts whether the reference's own drift is beyond the tolerance
 * @param networksDrift whether a network's ratio to the reference drifts beyond the tolerance
 * @param networks of the front
 */
public record DriftEvent(
        String runId,
        String occasion,
        String scenario,
        String deviceClass,
        String device,
        String runtime,
        double tolerance,
        int rounds,
        boolean valid,
        boolean machineDrifts,
        boolean networksDrift,
        Network reference,
        List<Network> networks) {

    public DriftEvent {
        networks = List.copyOf(networks);
    }

    /**
     * A network then and now.
     *
     * @param model its path in the run's folder
     * @param network digest of the graph
     * @param thenMillis median latency in the run's results
     * @param nowMillis median latency now
     * @param drift of the latency
     * @param driftOfRatio of the latency over the reference's; 0 for the reference
     */
    public record Network(
            String model, String network, double thenMillis, double nowMillis, double drift, double driftOfRatio) {}

    /** The drift of a ratio that is furthest from 0; 0 for an empty front. */
    public double networksDriftMost() {
        return networks.stream()
                .map(Network::driftOfRatio)
                .reduce(0.0, (most, drift) -> Math.abs(drift) > Math.abs(most) ? drift : most);
    }
}
