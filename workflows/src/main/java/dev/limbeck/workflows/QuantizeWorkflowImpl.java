package dev.limbeck.workflows;

import dev.limbeck.schemas.Spec;
import dev.limbeck.workflows.MeasureTask.Effort;
import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Registered by every worker that serves {@link TaskQueues#CONTROL}. */
public final class QuantizeWorkflowImpl implements QuantizeWorkflow {

    private final FinetuneActivities references = Stubs.training(FinetuneActivities.class);
    private final QuantizeActivities activities = Stubs.training(QuantizeActivities.class);
    private final Pieces<QuantizeOutcome> networks = new Pieces<>();
    private String stage = "waiting for a worker";

    @Override
    public RunStatus status() {
        return new RunStatus(stage, "");
    }

    @Override
    public StageProgress progress() {
        return networks.progress();
    }

    @Override
    public RunOutcome quantize(RunRequest run) {
        stage = "evaluate the reference";
        Finetuned reference = references.evaluateReference(run);
        boolean reduceRange = measure(run, Effort.PROFILE, List.of(reference.network())).values().stream()
                .anyMatch(MeasureOutcome::saturatesIntegerProducts);

        stage = "quantize";
        for (Spec.Quantize way : run.spec().quantize()) {
            networks.add(Async.function(activities::quantizeReference, run, way.name(), reduceRange));
        }
        List<QuantizeOutcome> quantized = networks.get();

        stage = "measure";
        List<String> measured = new ArrayList<>(List.of(reference.network()));
        quantized.forEach(network -> measured.add(network.network()));
        Map<String, MeasureOutcome> latencies = measure(run, Effort.REPORT, measured);

        stage = "report";
        RunOutcome outcome = activities.reportQuantization(run, reference, quantized, latencies);
        stage = "done";
        return outcome;
    }

    /** By scenario; nothing where the spec has none. */
    private static Map<String, MeasureOutcome> measure(RunRequest run, Effort effort, List<String> networks) {
        Map<String, Promise<MeasureOutcome>> tasks = new LinkedHashMap<>();
        for (Spec.Scenario scenario : run.spec().scenarios()) {
            Conditions conditions = Scenarios.conditions(run.spec(), scenario.name());
            tasks.put(scenario.name(), OptimizeWorkflowImpl.measure(run, scenario, conditions, effort, networks));
        }
        return OptimizeWorkflowImpl.gather(tasks);
    }
}
