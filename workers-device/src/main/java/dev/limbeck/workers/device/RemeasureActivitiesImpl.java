package dev.limbeck.workers.device;

import static java.util.Objects.requireNonNull;

import dev.limbeck.graph.Graph;
import dev.limbeck.measure.Device;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.schemas.DriftEvent;
import dev.limbeck.schemas.Progress;
import dev.limbeck.store.Digests;
import dev.limbeck.store.Memory;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workers.device.FrontDrift.Round;
import dev.limbeck.workflows.Conditions;
import dev.limbeck.workflows.MeasureTask.Effort;
import dev.limbeck.workflows.RemeasureActivities;
import dev.limbeck.workflows.RemeasureRequest.Front;
import dev.limbeck.workflows.RemeasureRequest.Known;
import dev.limbeck.workflows.RemeasureTask;
import java.util.List;
import java.util.stream.Stream;

/**
 * Measures fronts again. The memory of measurements is neither asked nor changed: it serves searches, whose candidates must have met
 * like conditions. What is found goes to {@code limbeck.drift} and into the metrics.
 *
 * <p>A drift is believed after three rounds: a disturbance seldom lasts so long.
 */
final class RemeasureActivitiesImpl implements RemeasureActivities {

    private final WorkerContext context;
    private final Device device;
    private final DeviceMonitor monitor;
    private final NetworkMeasurer measurer;

    RemeasureActivitiesImpl(WorkerContext context, Device device, DeviceMonitor monitor) {
        this.context = requireNonNull(context, "context is null");
        this.device = requireNonNull(device, "device is null");
        this.monitor = requireNonNull(monitor, "monitor is null");
        measurer = new NetworkMeasurer(context.store(), device);
    }

    @Override
    public DriftEvent remeasure(RemeasureTask task) {
        Progress progress = context.activityProgress(task.runId(), "remeasure");
        DriftEvent drift = monitor.work(() -> measure(task, progress));
        context.events().publishAndWait(Topic.DRIFT, task.runId(), drift);
        context.metrics().frontDrift(drift, context.clock().instant());
        return drift;
    }

    private DriftEvent measure(RemeasureTask task, Progress progress) {
        Round first = round(task, 1, progress);
        DriftEvent drift = compare(task, List.of(first));
        if (!drift.machineDrifts() && !drift.networksDrift()) {
            return drift;
        }
        return compare(task, List.of(first, round(task, 2, progress), round(task, 3, progress)));
    }

    private DriftEvent compare(RemeasureTask task, List<Round> rounds) {
        return FrontDrift.of(
                task, rounds, monitor.id(), device.description().runtime().toString());
    }

    /** Remembered for the occasion, so that an attempt after this one goes on with the next round. */
    private Round round(RemeasureTask task, int number, Progress progress) {
        Front front = task.front();
        String key = Digests.ofParts("remeasure", task.occasion(), front.scenario(), monitor.id(), number);
        return new Memory(context.store(), context.json()).once(key, Round.class, () -> {
            Conditions conditions = front.conditions();
            List<Graph> graphs = Stream.concat(Stream.of(front.reference()), front.networks().stream())
                    .map(Known::network)
                    .map(network -> measurer.graph(network, conditions))
                    .toList();
            List<LatencyMeasurement> latencies = measurer.measure(graphs, conditions, Effort.REPORT, progress);
            latencies.forEach(latency -> {
                context.metrics().measured(conditions.deviceClass(), front.scenario(), false);
                context.metrics().inferenceLatency(conditions.deviceClass(), front.scenario(), latency.p50Millis());
            });
            return new Round(
                    latencies.stream().map(LatencyMeasurement::p50Millis).toList(),
                    latencies.stream().allMatch(LatencyMeasurement::valid));
        });
    }
}
