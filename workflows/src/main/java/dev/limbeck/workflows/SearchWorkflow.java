package dev.limbeck.workflows;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Searches the space for one scenario, with latencies measured on its devices inside the loop. */
@WorkflowInterface
public interface SearchWorkflow extends Stage {

    @WorkflowMethod
    SearchOutcome search(RunRequest run, Library library, FittedPredictor predictor, String scenario);
}
