package dev.limbeck.workflows;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Distils every variant of every block, as many at once as there are training slots. */
@WorkflowInterface
public interface BlockLibraryWorkflow extends Stage {

    @WorkflowMethod
    Library build(RunRequest run, SpacePlan plan);
}
