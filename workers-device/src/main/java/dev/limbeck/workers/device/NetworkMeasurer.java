package dev.limbeck.workers.device;

import static java.util.Objects.requireNonNull;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputResizing;
import dev.limbeck.measure.Device;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.runtime.Optimization;
import dev.limbeck.runtime.Provider;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.RuntimeSettings;
import dev.limbeck.schemas.Spec;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.workflows.Conditions;
import dev.limbeck.workflows.MeasureTask.Effort;
import java.time.Duration;
import java.util.List;

/** Measures networks of the store on a device, under conditions and with an effort; remembers nothing. */
final class NetworkMeasurer {

    private static final LatencyProtocol GLANCE =
            new LatencyProtocol(Duration.ofMillis(4), 3, Duration.ofMillis(6), 10, Duration.ofMillis(500), 1, 1, 0.05);

    private final ArtifactStore store;
    private final Device device;

    NetworkMeasurer(ArtifactStore store, Device device) {
        this.store = requireNonNull(store, "store is null");
        this.device = requireNonNull(device, "device is null");
    }

    /** @param network digest of the graph */
    Graph graph(String network, Conditions conditions) {
        Graph graph = Graph.parse(store.get(network), "network " + network.substring(0, 12));
        Spec.ImageSize size = conditions.imageSize();
        return size == null ? graph : InputResizing.resize(graph, size.height(), size.width());
    }

    /** Several graphs are measured in turns, so that they meet the same conditions. */
    List<LatencyMeasurement> measure(List<Graph> graphs, Conditions conditions, Effort effort, Progress progress) {
        return device.measure(graphs, conditions.batch(), settings(conditions), protocol(effort), progress);
    }

    /** Those that tuning has found, or else the defaults. */
    static SessionOptions settings(Conditions conditions) {
        RuntimeSettings tuned = conditions.settings();
        return tuned == null
                ? SessionOptions.defaults().withThreads(conditions.threads())
                : new SessionOptions(
                        tuned.threads(),
                        tuned.branches(),
                        Optimization.valueOf(tuned.optimization()),
                        Provider.valueOf(tuned.provider()),
                        tuned.arena(),
                        tuned.memoryPattern(),
                        tuned.config());
    }

    private static LatencyProtocol protocol(Effort effort) {
        return switch (effort) {
            case PROFILE -> GLANCE;
            case COMPARE -> LatencyProtocol.quick();
            case SEARCH -> LatencyProtocol.quick().withRuns(2, 3);
            case REPORT -> LatencyProtocol.standard();
        };
    }
}
