package dev.limbeck.workflows;

import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import java.util.List;

/** Registered by every worker that serves {@link TaskQueues#CONTROL}. */
public final class PredictorWorkflowImpl implements PredictorWorkflow {

    private final PredictorActivities activities = Stubs.training(PredictorActivities.class);

    @Override
    public Outcome fit(RunRequest run, Library library) {
        List<Promise<SampleOutcome>> finetuned = activities.sampleArchitectures(run, library).stream()
                .map(architecture -> Async.function(activities::finetuneSample, run, library, architecture))
                .toList();
        List<SampleOutcome> samples = finetuned.stream().map(Promise::get).toList();
        return new Outcome(activities.fitPredictor(run, library, samples), samples);
    }
}
