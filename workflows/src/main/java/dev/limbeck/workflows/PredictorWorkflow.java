package dev.limbeck.workflows;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.List;

/** Finetunes sampled networks and fits the accuracy predictor on them. */
@WorkflowInterface
public interface PredictorWorkflow extends Stage {

    @WorkflowMethod
    Outcome fit(RunRequest run, Library library);

    /** The predictor and what it was fitted on. */
    record Outcome(FittedPredictor predictor, List<SampleOutcome> samples) {}
}
