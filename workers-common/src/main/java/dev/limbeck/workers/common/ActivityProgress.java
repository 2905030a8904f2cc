package dev.limbeck.workers.common;

import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.ProgressEvent;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.activity.ActivityInfo;
import io.temporal.client.ActivityWorkerShutdownException;
import java.time.Duration;
import java.util.concurrent.CancellationException;

/**
 * Turns progress into heartbeats and events. A heartbeat stops the work where the activity is not this worker's any more, by an
 * exception of Temporal's; where the worker is shutting down, by a {@link CancellationException}: the work then keeps a checkpoint, the
 * task fails at once and another worker goes on.
 */
final class ActivityProgress implements Progress {

    private static final long EVENT_MILLIS = 500;

    private final WorkerContext worker;
    private final String runId;
    private final String stage;
    private final String task;
    private final ActivityExecutionContext activity = Activity.getExecutionContext();
    private long lastEvent;
    private boolean stopping;
    private String lastStep = "";
    private long lastDone = -1;

    ActivityProgress(WorkerContext worker, String runId, String stage) {
        this.worker = worker;
        this.runId = runId;
        this.stage = stage;
        ActivityInfo info = activity.getInfo();
        task = info.getWorkflowId() + "/" + info.getActivityId();
        worker.metrics()
                .queueWait(
                        info.getActivityTaskQueue(),
                        Duration.ofMillis(
                                Math.max(0, info.getStartedTimestamp() - info.getCurrentAttemptScheduledTimestamp())));
    }

    @Override
    public synchronized void report(String step, long done, long total, String detail) {
        // the flag is taken away, for an interrupted thread cannot write its checkpoint
        stopping |= Thread.interrupted();
        if (!stopping) {
            try {
                activity.heartbeat(step + " " + done + "/" + total);
            } catch (ActivityWorkerShutdownException e) {
                stopping = true;
            }
        }
        if (stopping) {
            throw new CancellationException("the worker " + worker.worker() + " shuts down");
        }
        worker.metrics().progress(stage, done, total);
        boolean first = !step.equals(lastStep);
        if (first || done != lastDone) { // not where it says again that it is still alive
            lastDone = done;
            lastStep = step;
            worker.metrics().runs().reported(runId, worker.clock().instant());
        }
        long now = worker.clock().millis();
        boolean last = total > 0 && done >= total;
        if (first || last || now - lastEvent >= EVENT_MILLIS) {
            lastEvent = now;
            worker.events()
                    .publish(
                            Topic.PROGRESS,
                            runId,
                            new ProgressEvent(runId, stage, step, done, total, detail, worker.worker(), task));
        }
    }
}
