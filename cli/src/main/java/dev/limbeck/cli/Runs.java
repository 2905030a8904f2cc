package dev.limbeck.cli;

import com.google.protobuf.Timestamp;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.workers.common.Executions;
import dev.limbeck.workflows.OptimizeWorkflow;
import dev.limbeck.workflows.QuantizeWorkflow;
import dev.limbeck.workflows.RunOutcome;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.RunStatus;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.Payloads;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.workflow.v1.WorkflowExecutionInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.GetWorkflowExecutionHistoryRequest;
import io.temporal.api.workflowservice.v1.WorkflowServiceGrpc.WorkflowServiceBlockingStub;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowException;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.CanceledFailure;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The runs that a Temporal server knows. Only calls that the embedded server answers too are used. */
final class Runs {

    private static final Set<String> TYPES =
            Set.of(OptimizeWorkflow.class.getSimpleName(), QuantizeWorkflow.class.getSimpleName());

    private final Connection connection;
    private final WorkflowClient temporal;
    private final WorkflowServiceBlockingStub service;

    Runs(Connection connection) {
        this.connection = connection;
        temporal = connection.temporal();
        service = temporal.getWorkflowServiceStubs().blockingStub();
    }

    /** A line of the list. @param ended null while it is under way */
    record Entry(String runId, String state, Instant started, Instant ended) {}

    /** Newest first; those that have ended as long as the server keeps them. */
    List<Entry> list() {
        List<WorkflowExecutionInfo> found = new ArrayList<>(Executions.open(temporal));
        found.addAll(Executions.closed(temporal));
        return found.stream()
                .filter(info -> TYPES.contains(info.getType().getName()))
                .map(info -> new Entry(
                        info.getExecution().getWorkflowId(),
                        RunState.of(info.getStatus()),
                        instant(info.getStartTime()),
                        info.hasCloseTime() ? instant(info.getCloseTime()) : null))
                .sorted(Comparator.comparing(Entry::started).reversed())
                .toList();
    }

    /** @throws BadInputException if the server knows no such run */
    RunReport report(String runId) {
        WorkflowExecutionInfo info = describe(runId);
        WorkflowStub workflow = temporal.newUntypedWorkflowStub(runId);
        String state = RunState.of(info.getStatus());
        if (state.equals(RunState.RUNNING)) {
            return RunReport.unfinished(runId, state, stage(workflow).orElse(null), null);
        }
        if (info.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED) {
            return done(workflow.getResult(RunOutcome.class));
        }
        try {
            workflow.getResult(RunOutcome.class);
            throw new IllegalStateException("run " + runId + " is " + state + " and has a result");
        } catch (WorkflowFailedException e) {
            if (e.getCause() instanceof CanceledFailure) {
                return RunReport.unfinished(runId, state, null, null);
            }
            return RunReport.unfinished(runId, state, null, Failures.mistake(e).orElseGet(() -> Failures.describe(e)));
        }
    }

    RunReport done(RunOutcome outcome) {
        return RunReport.done(outcome.runId(), connection.store().get(outcome.results()));
    }

    /** How it ended. @throws BadInputException if the server knows no such run, or it has not come to a good end */
    RunOutcome outcome(String runId) {
        String state = RunState.of(describe(runId).getStatus());
        if (!state.equals(RunState.COMPLETED)) {
            throw new BadInputException("run " + runId + " is " + state + "; only a completed one has results");
        }
        return temporal.newUntypedWorkflowStub(runId).getResult(RunOutcome.class);
    }

    /** What it was asked to do. @throws BadInputException if the server knows no such run */
    RunRequest request(String runId) {
        describe(runId);
        Payloads input = service.getWorkflowExecutionHistory(GetWorkflowExecutionHistoryRequest.newBuilder()
                        .setNamespace(namespace())
                        .setExecution(WorkflowExecution.newBuilder().setWorkflowId(runId))
                        .setMaximumPageSize(1)
                        .build())
                .getHistory()
                .getEvents(0)
                .getWorkflowExecutionStartedEventAttributes()
                .getInput();
        return temporal.getOptions()
                .getDataConverter()
                .fromPayloads(0, Optional.of(input), RunRequest.class, RunRequest.class);
    }

    /** Asks it to end; workers hear of it at their next heartbeat. @throws BadInputException if it is not under way */
    void cancel(String runId) {
        String state = RunState.of(describe(runId).getStatus());
        if (!state.equals(RunState.RUNNING)) {
            throw new BadInputException("run " + runId + " is " + state + " already");
        }
        temporal.newUntypedWorkflowStub(runId).cancel();
    }

    private WorkflowExecutionInfo describe(String runId) {
        try {
            WorkflowExecutionInfo info = service.describeWorkflowExecution(DescribeWorkflowExecutionRequest.newBuilder()
                            .setNamespace(namespace())
                            .setExecution(WorkflowExecution.newBuilder().setWorkflowId(runId))
                            .build())
                    .getWorkflowExecutionInfo();
            if (TYPES.contains(info.getType().getName())) {
                return info;
            }
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() != Status.Code.NOT_FOUND
                    && e.getStatus().getCode() != Status.Code.INVALID_ARGUMENT) {
                throw e;
            }
        }
        throw new BadInputException("there is no run '" + runId
                + "'; 'limbeck list' with this --temporal says the ids of those that there are");
    }

    /** Empty where nobody is there to say it. */
    private static Optional<String> stage(WorkflowStub workflow) {
        try {
            return Optional.of(workflow.query("status", RunStatus.class).stage());
        } catch (WorkflowException | StatusRuntimeException e) {
            return Optional.empty();
        }
    }

    private String namespace() {
        return temporal.getOptions().getNamespace();
    }

    private static Instant instant(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }
}
