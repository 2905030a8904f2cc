package dev.limbeck.workers.device;

import dev.limbeck.schemas.DriftEvent;
import dev.limbeck.workflows.RemeasureRequest.Known;
import dev.limbeck.workflows.RemeasureTask;
import java.util.ArrayList;
import java.util.List;

/** Holds a front that was measured again against what its run had measured. */
final class FrontDrift {

    /**
     * All networks, measured once in turns.
     *
     * @param p50Millis medians: the reference's, then those of the front's networks
     * @param valid whether the protocol's conditions held for all of them
     */
    record Round(List<Double> p50Millis, boolean valid) {
        Round {
            p50Millis = List.copyOf(p50Millis);
        }
    }

    private FrontDrift() {}

    /**
     * @param rounds an odd number; a network's latency is the median of them
     * @param runtime of the device, with its version
     */
    static DriftEvent of(RemeasureTask task, List<Round> rounds, String device, String runtime) {
        Known reference = task.front().reference();
        double referenceMillis = median(rounds, 0);
        double machine = referenceMillis / reference.p50Millis() - 1;
        List<DriftEvent.Network> networks = new ArrayList<>();
        for (Known known : task.front().networks()) {
            double millis = median(rounds, networks.size() + 1);
            double drift = millis / known.p50Millis() - 1;
            networks.add(network(known, millis, drift, (1 + drift) / (1 + machine) - 1));
        }
        return new DriftEvent(
                task.runId(),
                task.occasion(),
                task.front().scenario(),
                task.front().conditions().deviceClass(),
                device,
                runtime,
                task.tolerance(),
                rounds.size(),
                rounds.stream().allMatch(Round::valid),
                Math.abs(machine) > task.tolerance(),
                networks.stream().anyMatch(network -> Math.abs(network.driftOfRatio()) > task.tolerance()),
                network(reference, referenceMillis, machine, 0),
                networks);
    }

    private static DriftEvent.Network network(Known known, double millis, double drift, double driftOfRatio) {
        return new DriftEvent.Network(known.model(), known.network(), known.p50Millis(), millis, drift, driftOfRatio);
    }

    private static double median(List<Round> rounds, int network) {
        return rounds.stream()
                .map(round -> round.p50Millis().get(network))
                .sorted()
                .toList()
                .get(rounds.size() / 2);
    }
}
