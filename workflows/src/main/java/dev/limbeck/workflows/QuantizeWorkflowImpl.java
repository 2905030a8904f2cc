package dev.limbeck.workflows;

import dev.limbeck.schemas.QuantizeSpec;
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
        FinetuneActivities references = Stubs.training(FinetuneActivities.class, run);
        QuantizeActivities activities = Stubs.training(QuantizeActivities.class, run);
        stage = "evaluate the reference";
        Finetuned reference = references.evaluateReference(run);
        boolean reduceRange = measure(run, Effort.PROFILE, List.of(reference.network()), Map.of()).values().stream()
                .anyMatch(MeasureOutcome::saturatesIntegerProducts);

        List<QuantizeOutcome> quantized = new ArrayList<>();
        RunRequest quantizing = run;
        if (run.spec().compress() != null) {
            stage = "compress";
            Finetuned compressed = references.compress(run, reference, ShapeLatencies.of(references, run, reference));
            quantized.add(outcome(compressed));
            quantizing = new RunRequest(run.runId(), run.spec(), compressed.network());
        }

        stage = "quantize";
        Map<String, Map<String, List<Double>>> millis = latencies(activities, quantizing, reduceRange);
        for (QuantizeSpec way : run.spec().quantize()) {
            networks.add(Async.function(
                    activities::quantizeReference,
                    quantizing,
                    way.name(),
                    reduceRange,
                    millis.getOrDefault(way.name(), Map.of())));
        }
        quantized.addAll(networks.get());

        Map<String, TuneOutcome> tuned = tune(run, reference);

        stage = "measure";
        List<String> measured = new ArrayList<>(List.of(reference.network()));
        quantized.forEach(network -> measured.add(network.network()));
        Map<String, MeasureOutcome> latencies = measure(run, Effort.REPORT, measured, tuned);

        stage = "report";
        RunOutcome outcome = activities.reportQuantization(run, reference, quantized, latencies, tuned);
        stage = "done";
        return outcome;
    }

    /** By way, of those that choose precisions by latency: measured while nothing trains, which would be measured too. */
    private static Map<String, Map<String, List<Double>>> latencies(
            QuantizeActivities activities, RunRequest run, boolean reduceRange) {
        Map<String, Map<String, List<Double>>> millis = new LinkedHashMap<>();
        for (QuantizeSpec way : run.spec().quantize()) {
            if (way.choosesByLatency()) {
                millis.put(
                        way.name(),
                        ShapeLatencies.of(
                                run, known -> activities.precisionsToMeasure(run, way.name(), reduceRange, known)));
            }
        }
        return millis;
    }

    /** The compressed network as one more result, called after its scheme. */
    private static QuantizeOutcome outcome(Finetuned compressed) {
        return new QuantizeOutcome(
                compressed.compression(),
                compressed.network(),
                compressed.validationAccuracy(),
                compressed.accuracy(),
                List.of(compressed.made()),
                List.of(),
                0,
                compressed.timing(),
                compressed.missed());
    }

    private Map<String, TuneOutcome> tune(RunRequest run, Finetuned reference) {
        Map<String, Promise<TuneOutcome>> tasks = new LinkedHashMap<>();
        for (Spec.Scenario scenario : run.spec().scenarios()) {
            if (scenario.tunes()) {
                stage = "tune";
                tasks.put(scenario.name(), OptimizeWorkflowImpl.tune(run, scenario, reference.network()));
            }
        }
        return OptimizeWorkflowImpl.gather(tasks);
    }

    /** By scenario; nothing where the spec has none. */
    private static Map<String, MeasureOutcome> measure(
            RunRequest run, Effort effort, List<String> networks, Map<String, TuneOutcome> tuned) {
        Map<String, Promise<MeasureOutcome>> tasks = new LinkedHashMap<>();
        for (Spec.Scenario scenario : run.spec().scenarios()) {
            Conditions conditions = OptimizeWorkflowImpl.conditions(run, scenario, tuned);
            tasks.put(scenario.name(), OptimizeWorkflowImpl.measure(run, scenario, conditions, effort, networks));
        }
        return OptimizeWorkflowImpl.gather(tasks);
    }
}
