package dev.limbeck.workflows;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Measures the networks of a finished run again, whatever is remembered of them: what a schedule does time and again. */
@WorkflowInterface
public interface RemeasureWorkflow {

    @WorkflowMethod
    RemeasureOutcome remeasure(RemeasureRequest request);
}
