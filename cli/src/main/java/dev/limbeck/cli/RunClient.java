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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Starts runs' workflows, or finds them under way, and follows them to their end. */
final class RunClient {

    private static final long STATUS_SECONDS = 1;
    private static final long QUERY_SECONDS = 5;

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
        try {
            return follow(workflow, shown, patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Followed(Followed.How.STOPPED, null);
        }
    }

    private Followed follow(WorkflowStub workflow, RunProgress shown, Duration patience) throws InterruptedException {
        long begun = System.nanoTime();
        boolean answered = true;
        // one call that the server keeps until there is an outcome; with a limit of a second it would answer at once,
        // time and again
        CompletableFuture<RunOutcome> outcome = workflow.getResultAsync(RunOutcome.class);
        while (!stop.requested()) {
            if (patience != null && System.nanoTime() - begun >= patience.toNanos()) {
                return new Followed(answered ? Followed.How.TIMED_OUT : Followed.How.UNREACHABLE, null);
            }
            try {
                Optional<RunOutcome> ended = within(STATUS_SECONDS, outcome);
                if (ended.isPresent()) {
                    return new Followed(Followed.How.DONE, ended.get());
                }
                answered = show(workflow, shown);
            } catch (ExecutionException e) {
                if (!mayComeBack(e.getCause())) {
                    throw failure(e);
                }
                answered = isAway(Failures.describe(e.getCause()));
                outcome = CompletableFuture.supplyAsync(
                                () -> workflow.getResultAsync(RunOutcome.class),
                                CompletableFuture.delayedExecutor(STATUS_SECONDS, TimeUnit.SECONDS))
                        .thenCompose(again -> again);
            }
        }
        return new Followed(Followed.How.STOPPED, null);
    }

    private static <T> Optional<T> within(long seconds, CompletableFuture<T> answer)
            throws InterruptedException, ExecutionException {
        try {
            return Optional.of(answer.get(seconds, TimeUnit.SECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        }
    }

    private static RuntimeException failure(ExecutionException e) {
        return e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
    }

    private static boolean mayComeBack(Throwable failure) {
        Throwable cause = failure instanceof WorkflowServiceException ? failure.getCause() : failure;
        return cause instanceof StatusRuntimeException status
                && PASSING.contains(status.getStatus().getCode());
    }

    /** @return false, as it does not answer */
    private boolean isAway(String reason) {
        progress.report("wait for Temporal to answer", 0, 0, reason);
        return false;
    }

    /** Shows the stage, and what the space holds as soon as it is known. @return whether the server is there */
    private boolean show(WorkflowStub workflow, RunProgress shown) throws InterruptedException {
        try {
            Optional<RunStatus> answer = within(
                    QUERY_SECONDS, CompletableFuture.supplyAsync(() -> workflow.query("status", RunStatus.class)));
            if (answer.isEmpty()) {
                return isAway("");
            }
            RunStatus status = answer.get();
            if (!profileShown && !status.profile().isEmpty()) {
                profileShown = true;
                progress.finishLine();
                console.say(status.profile());
            }
            shown.show(status.stage());
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof WorkflowException || e.getCause() instanceof StatusRuntimeException)) {
                throw failure(e);
            }
            if (isUnavailable(e.getCause())) {
                return isAway("");
            }
            progress.report("wait for a training worker, which says how far the run is", 0, 0, "");
        }
        return true;
    }

    private static boolean isUnavailable(Throwable failure) {
        Throwable cause = failure instanceof StatusRuntimeException ? failure : failure.getCause();
        return cause instanceof StatusRuntimeException status
                && status.getStatus().getCode() == Status.Code.UNAVAILABLE;
    }
}
