package dev.limbeck.cli;

import dev.limbeck.workflows.OptimizeWorkflow;
import dev.limbeck.workflows.QuantizeWorkflow;
import dev.limbeck.workflows.RunOutcome;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.RunStatus;
import dev.limbeck.workflows.TaskQueues;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowServiceException;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Starts runs' workflows, or finds them under way, and follows them to their end. */
final class RunClient {

    private static final long STATUS_SECONDS = 1;

    /** A server that is away, starts, or has too much to do at this moment. */
    private static final Set<Status.Code> PASSING = Set.of(
            Status.Code.UNAVAILABLE,
            Status.Code.DEADLINE_EXCEEDED,
            Status.Code.RESOURCE_EXHAUSTED,
            Status.Code.ABORTED);

    private final Console console;
    private final WorkflowClient temporal;
    private final ProgressBar progress;
    private final StopSignal stop;
    private boolean profileShown;

    RunClient(Console console, WorkflowClient temporal, ProgressBar progress, StopSignal stop) {
        this.console = console;
        this.temporal = temporal;
        this.progress = progress;
        this.stop = stop;
    }

    /**
     * Starts a run, unless it is under way.
     *
     * @param reuse whether a run that has ended is begun anew, with all that it remembers
     * @return whether it was started now
     */
    static boolean start(WorkflowClient temporal, RunRequest request, WorkflowIdReusePolicy reuse) {
        WorkflowOptions options = WorkflowOptions.newBuilder()
                .setWorkflowId(request.runId())
                .setWorkflowIdReusePolicy(reuse)
                .setTaskQueue(TaskQueues.CONTROL)
                .build();
        Class<?> workflow = request.spec().onlyQuantizes() ? QuantizeWorkflow.class : OptimizeWorkflow.class;
        try {
            WorkflowStub.fromTyped(temporal.newWorkflowStub(workflow, options)).start(request);
            return true;
        } catch (WorkflowExecutionAlreadyStarted e) {
            return false;
        }
    }

    /** @param patience null to follow it to the end, however long it takes */
    Followed follow(String runId, RunProgress shown, Duration patience) {
        WorkflowStub workflow = temporal.newUntypedWorkflowStub(runId);
        long begun = System.nanoTime();
        boolean answered = true;
        while (!stop.requested()) {
            if (patience != null && System.nanoTime() - begun >= patience.toNanos()) {
                return new Followed(answered ? Followed.How.TIMED_OUT : Followed.How.UNREACHABLE, null);
            }
            try {
                RunOutcome outcome = workflow.getResult(STATUS_SECONDS, TimeUnit.SECONDS, RunOutcome.class);
                return new Followed(Followed.How.DONE, outcome);
            } catch (TimeoutException e) {
                answered = show(workflow, shown);
            } catch (WorkflowServiceException e) {
                if (!mayComeBack(e)) {
                    throw e;
                }
                answered = false;
                progress.report("wait for Temporal to answer", 0, 0, Failures.describe(e));
            }
        }
        return new Followed(Followed.How.STOPPED, null);
    }

    private static boolean mayComeBack(WorkflowServiceException failure) {
        return failure.getCause() instanceof StatusRuntimeException status && isAway(status);
    }

    private static boolean isAway(StatusRuntimeException failure) {
        return PASSING.contains(failure.getStatus().getCode());
    }

    /** Shows the stage, and what the space holds as soon as it is known. @return whether the server is there */
    private boolean show(WorkflowStub workflow, RunProgress shown) {
        try {
            RunStatus status = workflow.query("status", RunStatus.class);
            if (!profileShown && !status.profile().isEmpty()) {
                profileShown = true;
                progress.finishLine();
                console.say(status.profile());
            }
            shown.show(status.stage());
        } catch (WorkflowException | StatusRuntimeException e) {
            progress.report("wait for a training worker, which says how far the run is", 0, 0, "");
            return !isUnavailable(e);
        }
        return true;
    }

    private static boolean isUnavailable(RuntimeException failure) {
        Throwable cause = failure instanceof StatusRuntimeException ? failure : failure.getCause();
        return cause instanceof StatusRuntimeException status
                && status.getStatus().getCode() == Status.Code.UNAVAILABLE;
    }
}
