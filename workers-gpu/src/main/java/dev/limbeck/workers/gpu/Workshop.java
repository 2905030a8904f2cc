package dev.limbeck.workers.gpu;

import dev.limbeck.learn.Splits;
import dev.limbeck.schemas.Progress;
import dev.limbeck.tensor.Compute;
import dev.limbeck.tensor.Precision;
import dev.limbeck.tensor.Threads;
import dev.limbeck.workers.common.EventPublisher;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.Timing;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** What all activities of a training worker share: artifacts, data, the teacher, progress and metrics. */
final class Workshop {

    /** Well below the time after which a worker without heartbeats counts as dead. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);

    private final Artifacts artifacts;
    private final Data data;
    private final Teacher teacher;
    private final WorkerContext context;
    private final Compute compute;
    private final Duration checkpointInterval;

    Workshop(WorkerContext context, Data data, Compute compute, Duration checkpointInterval) {
        this.context = context;
        this.compute = compute;
        this.checkpointInterval = checkpointInterval;
        this.artifacts = new Artifacts(context.store(), context.json());
        this.data = data;
        this.teacher = new Teacher(artifacts);
    }

    Artifacts artifacts() {
        return artifacts;
    }

    Teacher teacher() {
        return teacher;
    }

    /** Where, and in which precision, networks are trained. */
    Compute compute() {
        return compute;
    }

    /** Options of a training, as part of the key of its result: mixed precision gives other ones, another device does not count. */
    String key(Record options) {
        return compute.precision() == Precision.FLOAT32 ? options.toString() : options + " " + compute.precision();
    }

    EventPublisher events() {
        return context.events();
    }

    Instant now() {
        return context.clock().instant();
    }

    Metrics metrics() {
        return context.metrics();
    }

    Splits data(RunRequest run) {
        return data.named(run.spec().task().data(), Progress.NONE);
    }

    StoreCheckpoints checkpoints(String key) {
        return new StoreCheckpoints(context.store(), key, checkpointInterval);
    }

    StoreLayerCheckpoints layerCheckpoints(String key) {
        return new StoreLayerCheckpoints(context.store(), key);
    }

    /** Does a piece of work on this thread with one thread of libtorch, with heartbeats, progress events, and its timing. */
    <T> T timed(RunRequest run, String stage, BiFunction<Supplier<Timing>, Progress, T> work) {
        Threads.limitTo(1);
        long start = context.clock().millis();
        try (SteadyProgress progress = new SteadyProgress(context.activityProgress(run.runId(), stage), HEARTBEAT)) {
            return work.apply(
                    () -> new Timing(context.worker(), start, context.clock().millis()), progress);
        }
    }
}
