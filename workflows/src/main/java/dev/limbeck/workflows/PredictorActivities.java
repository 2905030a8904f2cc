package dev.limbeck.workflows;

import io.temporal.activity.ActivityInterface;
import java.util.List;

/** Step B, second half: sampled networks are finetuned, and the accuracy predictor is fitted on them. */
@ActivityInterface
public interface PredictorActivities {

    List<List<Integer>> sampleArchitectures(RunRequest run, Library library);

    SampleOutcome finetuneSample(RunRequest run, Library library, List<Integer> architecture);

    FittedPredictor fitPredictor(RunRequest run, Library library, List<SampleOutcome> samples);
}
