package dev.limbeck.workflows;

import dev.limbeck.schemas.Spec;
import dev.limbeck.workflows.MeasureTask.Effort;
import io.temporal.workflow.Promise;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Latencies by which it is chosen what is left of each layer ({@code compress: {cost: latency}}) or what precision it has ({@code
 * quantize: {budget: 0.4 ms}}), measured in a spec's first scenario. The choice says what it needs to know, until it knows enough.
 */
final class ShapeLatencies {

    private ShapeLatencies() {}

    /** Milliseconds by {@link ShapeTask#key}; none where the choice is by operations. */
    static Map<String, List<Double>> of(FinetuneActivities activities, RunRequest run, Finetuned network) {
        return run.spec().compress().choosesByLatency()
                ? of(run, known -> activities.shapesToMeasure(run, network, known))
                : Map.of();
    }

    /** Milliseconds by {@link ShapeTask#key}. @param unknown what has to be measured yet, by what is known */
    static Map<String, List<Double>> of(RunRequest run, Function<Map<String, List<Double>>, List<ShapeTask>> unknown) {
        Map<String, List<Double>> millis = new LinkedHashMap<>();
        List<ShapeTask> tasks = unknown.apply(millis);
        while (!tasks.isEmpty()) {
            measure(run, tasks, millis);
            tasks = unknown.apply(millis);
        }
        return millis;
    }

    private static void measure(RunRequest run, List<ShapeTask> tasks, Map<String, List<Double>> millis) {
        Spec.Scenario scenario = run.spec().scenarios().getFirst();
        Conditions conditions = Scenarios.conditions(run.spec(), scenario.name());
        List<Promise<MeasureOutcome>> measuring = new ArrayList<>();
        for (ShapeTask task : tasks) {
            measuring.add(OptimizeWorkflowImpl.measure(run, scenario, conditions, Effort.COMPARE, task.networks()));
        }
        for (int i = 0; i < tasks.size(); i++) {
            millis.put(
                    tasks.get(i).key(),
                    measuring.get(i).get().measured().stream()
                            .map(Measured::p50Millis)
                            .toList());
        }
    }
}
