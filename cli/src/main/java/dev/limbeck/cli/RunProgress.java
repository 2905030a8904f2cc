package dev.limbeck.cli;

import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.Spec;
import dev.limbeck.workflows.OptimizeWorkflowImpl;
import dev.limbeck.workflows.Stage;
import dev.limbeck.workflows.StageProgress;
import io.grpc.StatusRuntimeException;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowException;
import java.util.List;

/**
 * Shows a run as its stages: how far each is comes from the workflows, what is being done at the moment from the workers' events.
 */
final class RunProgress implements Progress {

    private final WorkflowClient temporal;
    private final String runId;
    private final List<String> searches;
    private final ProgressBar bar;
    private volatile String latest = "";
    private volatile String stage = "";

    RunProgress(WorkflowClient temporal, String runId, Spec spec, ProgressBar bar) {
        this.temporal = temporal;
        this.runId = runId;
        this.searches = spec.scenarios().stream()
                .map(scenario -> "search-" + scenario.name())
                .toList();
        this.bar = bar;
    }

    /** An event of a worker; drawn with the next {@link #show}, or by itself in stages that are one piece of work. */
    @Override
    public void report(String step, long done, long total, String detail) {
        latest = step + (detail.isEmpty() ? "" : ": " + detail);
        if (workflows(stage).isEmpty()) {
            bar.report(step, done, total, detail);
        }
    }

    /** Draws a stage. */
    void show(String newStage) {
        stage = newStage;
        int done = 0;
        int total = 0;
        for (String workflow : workflows(newStage)) {
            StageProgress progress = query(workflow);
            done += progress.done();
            total += progress.total();
        }
        if (total > 0) {
            bar.report(title(newStage), done, total, done < total ? latest : "");
        }
    }

    private StageProgress query(String workflow) {
        try {
            // the small job's workflow is its own stage
            String id = workflow.equals("quantize") ? runId : OptimizeWorkflowImpl.childId(runId, workflow);
            return temporal.newUntypedWorkflowStub(id).query(Stage.PROGRESS, StageProgress.class);
        } catch (WorkflowException | StatusRuntimeException e) {
            // not started yet, or nobody there to answer
            return new StageProgress(0, 0);
        }
    }

    private List<String> workflows(String of) {
        return switch (of) {
            case "library", "predictor", "finetune", "quantize" -> List.of(of);
            case "search" -> searches;
            default -> List.of();
        };
    }

    private static String title(String stage) {
        return switch (stage) {
            case "library" -> "B  distil block variants";
            case "predictor" -> "B  finetune networks for the predictor";
            case "search" -> "C  search, generations";
            case "finetune" -> "D  finetune and quantize networks";
            default -> stage;
        };
    }
}
