package dev.limbeck.cli;

import dev.limbeck.workflows.OptimizeWorkflow;
import dev.limbeck.workflows.QuantizeWorkflow;
import dev.limbeck.workflows.RunOutcome;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.RunStatus;
import dev.limbeck.workflows.TaskQueues;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowServiceException;
import io.temporal.client.WorkflowStub;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Starts a run's workflow, or finds it under way, and follows it to its end. */
final class RunClient {

    private static final long STATUS_SECONDS = 1;

    private final Console console;
    private final Servers servers;
    private final ProgressBar progress;
    private final StopSignal stop;
    private boolean profileShown;

    RunClient(Console console, Servers servers, ProgressBar progress, StopSignal stop) {
        this.console = console;
        this.servers = servers;
        this.progress = progress;
        this.stop = stop;
    }

    /** @return empty if stopped before the end */
    Optional<RunOutcome> run(RunRequest request) {
        WorkflowStub workflow = request.spec().onlyQuantizes()
                ? stub(QuantizeWorkflow.class, request.runId())
                : stub(OptimizeWorkflow.class, request.runId());
        RunProgress shown = new RunProgress(servers.temporal(), request.runId(), request.spec(), progress);
        try (ProgressFeed feed = new ProgressFeed(servers.kafkaProperties(), console.json(), request.runId(), shown)) {
            try {
                workflow.start(request);
            } catch (WorkflowExecutionAlreadyStarted e) {
                console.say("run " + request.runId() + " is already under way; following it");
            }
            return follow(workflow, shown);
        }
    }

    private WorkflowStub stub(Class<?> workflow, String runId) {
        return WorkflowStub.fromTyped(servers.temporal()
                .newWorkflowStub(
                        workflow,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(runId)
                                .setTaskQueue(TaskQueues.CONTROL)
                                .build()));
    }

    private Optional<RunOutcome> follow(WorkflowStub workflow, RunProgress shown) {
        while (!stop.requested()) {
            try {
                return Optional.of(workflow.getResult(STATUS_SECONDS, TimeUnit.SECONDS, RunOutcome.class));
            } catch (TimeoutException e) {
                show(workflow, shown);
            } catch (WorkflowServiceException e) {
                if (!mayComeBack(e)) {
                    throw e;
                }
                progress.report("wait for Temporal to answer", 0, 0, Failures.describe(e));
            }
        }
        return Optional.empty();
    }

    private static boolean mayComeBack(WorkflowServiceException failure) {
        return failure.getCause() instanceof StatusRuntimeException status
                && (status.getStatus().getCode() == Status.Code.UNAVAILABLE
                        || status.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED);
    }

    /** Shows the stage, and what the space holds as soon as it is known. */
    private void show(WorkflowStub workflow, RunProgress shown) {
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
        }
    }
}
