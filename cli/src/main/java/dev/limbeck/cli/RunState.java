package dev.limbeck.cli;

import io.temporal.api.enums.v1.WorkflowExecutionStatus;

/** What a run's workflow does, in our words. */
final class RunState {

    static final String RUNNING = "running";
    static final String COMPLETED = "completed";
    static final String FAILED = "failed";

    private RunState() {}

    static String of(WorkflowExecutionStatus status) {
        return switch (status) {
            case WORKFLOW_EXECUTION_STATUS_COMPLETED -> COMPLETED;
            case WORKFLOW_EXECUTION_STATUS_FAILED -> FAILED;
            case WORKFLOW_EXECUTION_STATUS_CANCELED -> "cancelled";
            case WORKFLOW_EXECUTION_STATUS_TERMINATED -> "terminated";
            case WORKFLOW_EXECUTION_STATUS_TIMED_OUT -> "timed out";
            // a run that goes on in a new execution is still the same run
            default -> RUNNING;
        };
    }
}
