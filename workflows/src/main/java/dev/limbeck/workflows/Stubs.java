package dev.limbeck.workflows;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.NoSpaceException;
import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.Priority;
import io.temporal.common.RetryOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;

/** Activity stubs with the time-outs and retries of each kind of work, in one place. */
final class Stubs {

    /** What a user must mend fails at once; anything else may be the machine's fault and is tried again, some times. */
    private static final RetryOptions RETRY = RetryOptions.newBuilder()
            .setInitialInterval(Duration.ofSeconds(1))
            .setMaximumInterval(Duration.ofMinutes(1))
            .setMaximumAttempts(6)
            .setDoNotRetry(BadInputException.class.getName(), NoSpaceException.class.getName())
            .build();

    private static final int FAIRNESS_KEY_LENGTH = 64;

    private Stubs() {}

    /** Training runs for hours on a slow machine; a worker that has not heartbeated for a minute is dead. */
    static <T> T training(Class<T> activities, RunRequest run) {
        return Workflow.newActivityStub(
                activities,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.training(run.trainingClass()))
                        .setStartToCloseTimeout(Duration.ofHours(12))
                        .setHeartbeatTimeout(Duration.ofMinutes(1))
                        .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
                        .setRetryOptions(RETRY)
                        .build());
    }

    /**
     * A task measures some tens of networks for seconds each; waiting for a device may take long and has no time-out. Runs that wait
     * for the same class of devices are served in turns, where the server knows fairness.
     */
    static <T> T device(Class<T> activities, String deviceClass, String runId) {
        return Workflow.newActivityStub(
                activities,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.device(deviceClass))
                        .setPriority(Priority.newBuilder()
                                .setFairnessKey(fairnessKey(runId))
                                .build())
                        .setStartToCloseTimeout(Duration.ofHours(1))
                        .setHeartbeatTimeout(Duration.ofSeconds(30))
                        .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
                        .setRetryOptions(RETRY)
                        .build());
    }

    /** The server takes up to 64 bytes; a run's id ends in what no other one has. */
    private static String fairnessKey(String runId) {
        return runId.substring(Math.max(0, runId.length() - FAIRNESS_KEY_LENGTH));
    }
}
