package dev.limbeck.workflows;

import io.temporal.activity.ActivityInterface;
import java.util.List;

/** Step C: the evolutionary search of one scenario, a generation at a time. */
@ActivityInterface
public interface SearchActivities {

    /**
     * Takes in the latencies of the last generation and proposes the next.
     *
     * @param state digest of the last generation's state; null before the first
     * @param measured latencies of the last generation's candidates
     */
    Generation propose(
            RunRequest run,
            Library library,
            FittedPredictor predictor,
            String scenario,
            String state,
            List<Measured> measured);

    /**
     * Samples the predicted front of a finished search evenly, without the reference itself.
     *
     * @param startMillis when the search began
     */
    SearchOutcome chooseFront(RunRequest run, Library library, String scenario, String state, long startMillis);
}
