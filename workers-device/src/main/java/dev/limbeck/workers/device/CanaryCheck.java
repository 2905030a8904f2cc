package dev.limbeck.workers.device;

import dev.limbeck.graph.Graph;
import dev.limbeck.measure.Device;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.schemas.DeviceState.Canary;
import dev.limbeck.schemas.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures the reference network and says whether it takes what it used to. One measurement that does not is not believed: two more
 * are made, and the median of the three counts.
 *
 * <p>A history begins with measurements that agree with each other, as far as the device lets them. Where the network is faster than
 * usual twice in a row, it is the history that was measured on a disturbed device: it begins anew.
 */
final class CanaryCheck {

    private static final double LIMIT = 0.05;
    private static final int WITNESSES = 3;
    private static final int FOUNDING_TRIES = 9;
    private static final LatencyProtocol PROTOCOL = new LatencyProtocol(
            Duration.ofMillis(100), 20, Duration.ofMillis(150), 50, Duration.ofSeconds(2), 3, 6, 0.05);

    private final Device device;
    private final CanaryHistory history;
    private final List<Graph> networks = List.of(CanaryNetwork.fp32(), CanaryNetwork.int8());
    private boolean fasterBefore;

    CanaryCheck(Device device, CanaryHistory history) {
        this.device = device;
        this.history = history;
    }

    List<Canary> history() {
        return history.canaries();
    }

    /** What is found well becomes a part of the history, what is not does not. */
    Outcome run() {
        if (!history.isFounded()) {
            foundation().forEach(history::add);
        }
        List<Canary> measured = new ArrayList<>(List.of(measure()));
        if (history.drift(measured.getFirst()).isBeyond(LIMIT)) {
            while (measured.size() < WITNESSES) {
                measured.add(measure());
            }
        }
        Canary canary = CanaryHistory.median(measured);
        CanaryHistory.Drift drift = history.drift(canary);
        boolean well = !drift.isBeyond(LIMIT);
        boolean faster = drift.isOnlyFaster(LIMIT);
        if (faster && fasterBefore) {
            fasterBefore = false;
            history.clear();
            return run();
        }
        fasterBefore = faster;
        if (well) {
            history.add(canary);
        }
        return new Outcome(drift, well);
    }

    private List<Canary> foundation() {
        List<Canary> measured = new ArrayList<>();
        List<Canary> last;
        do {
            measured.add(measure());
            last = measured.subList(Math.max(0, measured.size() - CanaryHistory.FOUNDATION), measured.size());
        } while (measured.size() < CanaryHistory.FOUNDATION
                || !CanaryHistory.agree(last, LIMIT) && measured.size() < FOUNDING_TRIES);
        return last;
    }

    private Canary measure() {
        List<LatencyMeasurement> latencies = device.measure(networks, 1, 1, PROTOCOL, Progress.NONE);
        return new Canary(latencies.get(0).p50Millis(), latencies.get(1).p50Millis());
    }

    /** @param drift of the canary from the history before it */
    record Outcome(CanaryHistory.Drift drift, boolean well) {}
}
