package dev.limbeck.workflows;

import dev.limbeck.workflows.MeasureTask.Effort;
import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;

/** Registered by every worker that serves {@link TaskQueues#CONTROL}. */
public final class SearchWorkflowImpl implements SearchWorkflow {

    /** Candidates of one measuring task: large enough that the hop to the device costs little, small enough to share devices. */
    private static final int CANDIDATES_A_TASK = 8;

    private StageProgress progress = StageProgress.UNKNOWN;

    @Override
    public StageProgress progress() {
        return progress;
    }

    @Override
    public SearchOutcome search(RunRequest run, Library library, FittedPredictor predictor, String scenario) {
        SearchActivities activities = Stubs.training(SearchActivities.class, run);
        Conditions conditions = Scenarios.conditions(run.spec(), scenario);
        DeviceActivities device = Stubs.device(DeviceActivities.class, conditions.deviceClass(), run.runId());
        long startMillis = Workflow.currentTimeMillis();
        Generation generation = activities.propose(run, library, predictor, scenario, null, List.of());
        int generations = run.spec().search().generations();
        while (!generation.done()) {
            progress = new StageProgress(generation.number(), generations);
            List<Promise<MeasureOutcome>> tasks = new ArrayList<>();
            List<String> networks =
                    generation.candidates().stream().map(Candidate::network).toList();
            for (int from = 0; from < networks.size(); from += CANDIDATES_A_TASK) {
                List<String> part = networks.subList(from, Math.min(networks.size(), from + CANDIDATES_A_TASK));
                tasks.add(Async.function(
                        device::measure,
                        new MeasureTask(run.runId(), scenario, conditions, Effort.SEARCH, List.copyOf(part))));
            }
            List<Measured> measured = tasks.stream()
                    .flatMap(task -> task.get().measured().stream())
                    .toList();
            generation = activities.propose(run, library, predictor, scenario, generation.state(), measured);
        }
        progress = new StageProgress(generations, generations);
        return activities.chooseFront(run, library, scenario, generation.state(), startMillis);
    }
}
