package dev.limbeck.workflows;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** The small job: the reference is compressed where the spec says so, quantized in every way that the spec gives, evaluated, and measured where there are scenarios. */
@WorkflowInterface
public interface QuantizeWorkflow extends Stage {

    @WorkflowMethod
    RunOutcome quantize(RunRequest run);

    @QueryMethod
    RunStatus status();
}
