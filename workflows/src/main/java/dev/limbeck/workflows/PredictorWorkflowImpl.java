package dev.limbeck.workflows;

import io.temporal.workflow.Async;
import java.util.List;

/** Registered by every worker that serves {@link TaskQueues#CONTROL}. */
public final class PredictorWorkflowImpl implements PredictorWorkflow {

    private final Pieces<SampleOutcome> finetuned = new Pieces<>();

    @Override
    public StageProgress progress() {
        return finetuned.progress();
    }

    @Override
    public Outcome fit(RunRequest run, Library library) {
        PredictorActivities activities = Stubs.training(PredictorActivities.class, run);
        for (List<Integer> architecture : activities.sampleArchitectures(run, library)) {
            finetuned.add(Async.function(activities::finetuneSample, run, library, architecture));
        }
        List<SampleOutcome> samples = finetuned.get();
        return new Outcome(activities.fitPredictor(run, library, samples), samples);
    }
}
