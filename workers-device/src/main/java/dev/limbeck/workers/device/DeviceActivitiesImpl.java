package dev.limbeck.workers.device;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.limbeck.graph.Graph;
import dev.limbeck.measure.Device;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.measure.Tuning;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Measurement;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.RuntimeSettings;
import dev.limbeck.store.Digests;
import dev.limbeck.store.Memory;
import dev.limbeck.workers.common.Measurements;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workflows.Conditions;
import dev.limbeck.workflows.DeviceActivities;
import dev.limbeck.workflows.MeasureOutcome;
import dev.limbeck.workflows.MeasureTask;
import dev.limbeck.workflows.Measured;
import dev.limbeck.workflows.Timing;
import dev.limbeck.workflows.TuneOutcome;
import dev.limbeck.workflows.TuneTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Measures networks and seeks settings for them, each only once under the same conditions. */
final class DeviceActivitiesImpl implements DeviceActivities {

    private final WorkerContext context;
    private final Measurements memory;
    private final Device device;
    private final DeviceMonitor monitor;
    private final NetworkMeasurer measurer;

    DeviceActivitiesImpl(WorkerContext context, Measurements memory, Device device, DeviceMonitor monitor) {
        this.context = requireNonNull(context, "context is null");
        this.memory = requireNonNull(memory, "memory is null");
        this.device = requireNonNull(device, "device is null");
        this.monitor = requireNonNull(monitor, "monitor is null");
        measurer = new NetworkMeasurer(context.store(), device);
    }

    @Override
    public MeasureOutcome measure(MeasureTask task) {
        long start = context.clock().millis();
        Progress progress = context.activityProgress(task.runId(), "measure " + task.scenario());
        List<Measured> measured = monitor.work(() -> switch (task.effort()) {
            case PROFILE, SEARCH -> apart(task, progress);
            case COMPARE, REPORT -> together(task, progress);
        });
        return new MeasureOutcome(
                measured,
                device.description().saturatesIntegerProducts(),
                new Timing(context.worker(), start, context.clock().millis()));
    }

    /** Sought once for a network under the same conditions, in whichever run. */
    @Override
    public TuneOutcome tune(TuneTask task) {
        long start = context.clock().millis();
        Progress progress = context.activityProgress(task.runId(), "tune " + task.scenario());
        Conditions conditions = task.conditions();
        String key = Digests.ofParts("tune", key(conditions, "", task.network()));
        Results.Tuning tuning =
                monitor.work(() -> new Memory(context.store(), context.json()).once(key, Results.Tuning.class, () -> {
                    Graph graph = measurer.graph(task.network(), conditions);
                    return tuning(device.tune(graph, conditions.batch(), conditions.threads(), progress));
                }));
        return new TuneOutcome(
                tuning, new Timing(context.worker(), start, context.clock().millis()));
    }

    private static Results.Tuning tuning(Tuning tuning) {
        Tuning.Confirmation confirmation = tuning.confirmation();
        return new Results.Tuning(
                tuning.isFaster(),
                settings(tuning.settings()),
                tuning.settings().describe(),
                confirmation == null ? null : confirmation.speedup(),
                confirmation == null ? null : confirmation.defaultMillis(),
                confirmation == null ? null : confirmation.tunedMillis());
    }

    private static RuntimeSettings settings(SessionOptions options) {
        return new RuntimeSettings(
                options.threads(),
                options.branches(),
                options.optimization().name(),
                options.provider().name(),
                options.arena(),
                options.memoryPattern(),
                options.config());
    }

    /** Each network by itself; known ones are not measured again, in whichever run they became known. */
    private List<Measured> apart(MeasureTask task, Progress progress) {
        List<Measured> measured = new ArrayList<>();
        for (String network : task.networks()) {
            String key = key(task, network);
            Optional<Measurement> known = memory.find(key);
            context.metrics().measured(task.conditions().deviceClass(), task.scenario(), known.isPresent());
            measured.add(known.map(DeviceActivitiesImpl::measured).orElseGet(() -> {
                Graph graph = measurer.graph(network, task.conditions());
                LatencyMeasurement latency = measurer.measure(
                                List.of(graph), task.conditions(), task.effort(), Progress.NONE)
                        .getFirst();
                // a worker that stood still for long may have lost its task, and another one may have measured
                // meanwhile
                progress.report(
                        "measure " + task.scenario(),
                        measured.size(),
                        task.networks().size(),
                        "");
                return keep(task, network, graph, latency);
            }));
            progress.report(
                    "measure " + task.scenario(),
                    measured.size(),
                    task.networks().size(),
                    "%.3f ms".formatted(measured.getLast().p50Millis()));
        }
        return measured;
    }

    /** All networks in turns, so that their ratios hold; remembered as a whole. */
    private List<Measured> together(MeasureTask task, Progress progress) {
        String key = Digests.ofParts("measure together", key(task, String.join(",", task.networks())));
        Measured[] remembered = new Memory(context.store(), context.json()).once(key, Measured[].class, () -> {
            Conditions conditions = task.conditions();
            List<Graph> graphs = task.networks().stream()
                    .map(network -> measurer.graph(network, conditions))
                    .toList();
            List<LatencyMeasurement> latencies = measurer.measure(graphs, conditions, task.effort(), progress);
            Measured[] measured = new Measured[graphs.size()];
            for (int i = 0; i < measured.length; i++) {
                context.metrics().measured(conditions.deviceClass(), task.scenario(), false);
                measured[i] = keep(task, task.networks().get(i), graphs.get(i), latencies.get(i));
            }
            return measured;
        });
        return List.of(remembered);
    }

    private Measured keep(MeasureTask task, String network, Graph graph, LatencyMeasurement latency) {
        double share =
                switch (task.effort()) {
                    case PROFILE, COMPARE -> 0;
                    case SEARCH, REPORT ->
                        device.integerKernelShare(graph, task.conditions().threads());
                };
        Measurement measurement = new Measurement(
                key(task, network),
                network,
                task.conditions().deviceClass(),
                monitor.id(),
                latency.runtime().toString(),
                settings(task.conditions(), effort(task)),
                latency.p50Millis(),
                latency.p90Millis(),
                latency.p99Millis(),
                latency.valid(),
                share,
                record(latency));
        memory.append(measurement);
        context.metrics().inferenceLatency(task.conditions().deviceClass(), task.scenario(), latency.p50Millis());
        return measured(measurement);
    }

    private String record(LatencyMeasurement latency) {
        try {
            return context.store().put(context.json().writeValueAsBytes(latency));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a measurement cannot be written as JSON", e);
        }
    }

    private static Measured measured(Measurement known) {
        return new Measured(
                known.network(),
                known.device(),
                known.p50Millis(),
                known.p90Millis(),
                known.p99Millis(),
                known.valid(),
                known.integerKernelShare(),
                known.record());
    }

    /** What a latency depends on. */
    private String key(MeasureTask task, String network) {
        return key(task.conditions(), effort(task), network);
    }

    private String key(Conditions conditions, String effort, String network) {
        return Digests.ofParts(
                network,
                conditions.deviceClass(),
                device.description().runtime(),
                device.description().os(),
                device.description().build(),
                settings(conditions, effort));
    }

    private static String effort(MeasureTask task) {
        return task.effort().name().toLowerCase(Locale.ROOT);
    }

    private static String settings(Conditions conditions, String effort) {
        return "threads %d, batch %d, %s%s%s"
                .formatted(
                        conditions.threads(),
                        conditions.batch(),
                        conditions.imageSize() == null ? "" : "images " + conditions.imageSize() + ", ",
                        conditions.settings() == null
                                ? ""
                                : NetworkMeasurer.settings(conditions).describe() + ", ",
                        effort);
    }
}
