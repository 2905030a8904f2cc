package dev.limbeck.workers.common;

import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.ProgressEvent;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.activity.ActivityInfo;
import io.temporal.client.ActivityWorkerShutdownException;
import java.time.Duration;

/**
 * Turns progress into heartbeats and events. A heartbeat throws where the activity was cancelled or its worker is shutting down,
 * and so stops the work.
 */
final class ActivityProgress implements Progress {

    private static final long EVENT_MILLIS = 500;

    private final WorkerContext worker;
    private final String runId;
    private final String stage;
    private final ActivityExecutionContext activity = Activity.getExecutionContext();
    private long lastEvent;

    ActivityProgress(WorkerContext worker, String runId, String stage) {
        this.worker = worker;
        this.runId = runId;
        this.stage = stage;
        ActivityInfo info = activity.getInfo();
        worker.metrics()
                .queueWait(
                        info.getActivityTaskQueue(),
                        Duration.ofMillis(
                                Math.max(0, info.getStartedTimestamp() - info.getCurrentAttemptScheduledTimestamp())));
    }

    @Override
    public synchronized void report(String step, long done, long total, String detail) {
        if (Thread.currentThread().isInterrupted()) { // how a worker that shuts down tells its activities
            throw new ActivityWorkerShutdownException(activity.getInfo());
        }
        activity.heartbeat(step + " " + done + "/" + total);
        worker.metrics().progress(stage, done, total);
        long now = worker.clock().millis();
        boolean last = total > 0 && done >= total;
        if (last || now - lastEvent >= EVENT_MILLIS) {
            lastEvent = now;
            worker.events()
                    .publish(
                            Topic.PROGRESS,
                            runId,
                            new ProgressEvent(runId, stage, step, done, total, detail, worker.worker()));
        }
    }
}
