package dev.limbeck.workflows;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** The whole job: from a reference network to measured, finetuned, integer networks for every scenario. */
@WorkflowInterface
public interface OptimizeWorkflow {

    @WorkflowMethod
    RunOutcome optimize(RunRequest run);

    @QueryMethod
    RunStatus status();
}
