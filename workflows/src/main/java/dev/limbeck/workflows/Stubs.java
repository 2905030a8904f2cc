package dev.limbeck.workflows;

import dev.limbeck.schemas.BadInputException;
import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
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
            .setDoNotRetry(BadInputException.class.getName())
            .build();

    private Stubs() {}

    /** Training runs for hours on a slow machine; a worker that has not heartbeated for a minute is dead. */
    static <T> T training(Class<T> activities) {
        return Workflow.newActivityStub(
                activities,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.GPU)
                        .setStartToCloseTimeout(Duration.ofHours(12))
                        .setHeartbeatTimeout(Duration.ofMinutes(1))
                        .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
                        .setRetryOptions(RETRY)
                        .build());
    }

    /** A task measures some tens of networks for seconds each; waiting for a device may take long and has no time-out. */
    static DeviceActivities device(String deviceClass) {
        return Workflow.newActivityStub(
                DeviceActivities.class,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.device(deviceClass))
                        .setStartToCloseTimeout(Duration.ofHours(1))
                        .setHeartbeatTimeout(Duration.ofSeconds(30))
                        .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
                        .setRetryOptions(RETRY)
                        .build());
    }
}
