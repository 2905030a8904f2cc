package dev.limbeck.workflows;

import dev.limbeck.schemas.Spec;
import dev.limbeck.workflows.MeasureTask.Effort;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Registered by every worker that serves {@link TaskQueues#CONTROL}.
 *
 * <p>Searches of all scenarios end before finetuning begins: on a machine that both trains and measures, training beside a
 * measurement would be measured too.
 */
public final class OptimizeWorkflowImpl implements OptimizeWorkflow {

    private String stage = "waiting for a worker";
    private String profileText = "";

    @Override
    public RunStatus status() {
        return new RunStatus(stage, profileText);
    }

    @Override
    public RunOutcome optimize(RunRequest run) {
        SpaceActivities space = Stubs.training(SpaceActivities.class, run);
        ReportActivities reports = Stubs.training(ReportActivities.class, run);
        stage = "space";
        SpacePlan plan = space.planSpace(run);
        Map<String, MeasureOutcome> glances = measureVariants(run, plan);
        Profile profile = space.profileSpace(run, plan, glances);
        profileText = profile.text();

        stage = "library";
        Library library = child(BlockLibraryWorkflow.class, run, "library").build(run, plan);

        stage = "predictor";
        PredictorWorkflow.Outcome predictor =
                child(PredictorWorkflow.class, run, "predictor").fit(run, library);

        stage = "search";
        List<Promise<SearchOutcome>> searching = new ArrayList<>();
        for (Spec.Scenario scenario : run.spec().scenarios()) {
            SearchWorkflow search = child(SearchWorkflow.class, run, "search-" + scenario.name());
            searching.add(Async.function(search::search, run, library, predictor.predictor(), scenario.name()));
        }
        List<SearchOutcome> searches = searching.stream().map(Promise::get).toList();

        stage = "finetune";
        List<List<Integer>> chosen =
                searches.stream().flatMap(s -> s.chosen().stream()).distinct().toList();
        List<Finetuned> networks = child(FinetuneWorkflow.class, run, "finetune")
                .finetune(run, library, chosen, reduceRange(run, glances));

        stage = "measure";
        Map<String, TuneOutcome> tuned = tune(run, networks);
        Map<String, MeasureOutcome> measured = measureNetworks(run, networks, tuned);

        stage = "report";
        RunOutcome outcome = reports.report(
                run,
                new ReportRequest(
                        library,
                        predictor.predictor(),
                        predictor.samples(),
                        searches,
                        networks,
                        measured,
                        tuned,
                        profile,
                        plan.timing()));
        stage = "done";
        return outcome;
    }

    /** Id of the workflow that is a stage of a run. */
    public static String childId(String runId, String name) {
        return runId + "/" + name;
    }

    private static <T> T child(Class<T> workflow, RunRequest run, String name) {
        return Workflow.newChildWorkflowStub(
                workflow,
                ChildWorkflowOptions.newBuilder()
                        .setWorkflowId(childId(run.runId(), name))
                        .setTaskQueue(TaskQueues.CONTROL)
                        .build());
    }

    /** A glance at every untrained variant in every scenario, before any training. */
    private static Map<String, MeasureOutcome> measureVariants(RunRequest run, SpacePlan plan) {
        Map<String, Promise<MeasureOutcome>> tasks = new LinkedHashMap<>();
        for (Spec.Scenario scenario : run.spec().scenarios()) {
            Conditions conditions =
                    Scenarios.conditions(run.spec(), scenario.name()).atOwnImageSize();
            List<String> variants = plan.glanced().get(scenario.name());
            tasks.put(scenario.name(), measure(run, scenario, conditions, Effort.PROFILE, variants));
        }
        return gather(tasks);
    }

    /** A network is quantized once for all scenarios: if one of their devices needs 7-bit weights, all get them. */
    private static boolean reduceRange(RunRequest run, Map<String, MeasureOutcome> glances) {
        return run.spec().scenarios().stream()
                .anyMatch(scenario -> scenario.precision() == Spec.Precision.INT8
                        && glances.get(scenario.name()).saturatesIntegerProducts());
    }

    /**
     * For each scenario that asks for it: on the reference, whose blocks the networks are made of, so that the reference is at its best
     * when they are held against it.
     *
     * @param networks the reference first, in every precision
     */
    private static Map<String, TuneOutcome> tune(RunRequest run, List<Finetuned> networks) {
        Map<String, Promise<TuneOutcome>> tasks = new LinkedHashMap<>();
        for (Spec.Scenario scenario : run.spec().scenarios()) {
            if (scenario.tunes()) {
                Finetuned reference = networks.stream()
                        .filter(network ->
                                network.precision().equals(scenario.precision().label()))
                        .findFirst()
                        .orElseThrow();
                tasks.put(scenario.name(), tune(run, scenario, reference.network()));
            }
        }
        return gather(tasks);
    }

    static Promise<TuneOutcome> tune(RunRequest run, Spec.Scenario scenario, String network) {
        Conditions conditions = Scenarios.conditions(run.spec(), scenario.name());
        DeviceActivities device = Stubs.device(DeviceActivities.class, conditions.deviceClass(), run.runId());
        return Async.function(device::tune, new TuneTask(run.runId(), scenario.name(), conditions, network));
    }

    private static Map<String, MeasureOutcome> measureNetworks(
            RunRequest run, List<Finetuned> networks, Map<String, TuneOutcome> tuned) {
        Map<String, Promise<MeasureOutcome>> tasks = new LinkedHashMap<>();
        for (Spec.Scenario scenario : run.spec().scenarios()) {
            List<String> fitting = networks.stream()
                    .filter(network ->
                            network.precision().equals(scenario.precision().label()))
                    .map(Finetuned::network)
                    .toList();
            Conditions conditions = conditions(run, scenario, tuned);
            tasks.put(scenario.name(), measure(run, scenario, conditions, Effort.REPORT, fitting));
        }
        return gather(tasks);
    }

    /** With the settings that were found, if any. */
    static Conditions conditions(RunRequest run, Spec.Scenario scenario, Map<String, TuneOutcome> tuned) {
        TuneOutcome outcome = tuned.get(scenario.name());
        return Scenarios.conditions(run.spec(), scenario.name(), outcome == null ? null : outcome.tuning());
    }

    static Promise<MeasureOutcome> measure(
            RunRequest run, Spec.Scenario scenario, Conditions conditions, Effort effort, List<String> networks) {
        DeviceActivities device = Stubs.device(DeviceActivities.class, conditions.deviceClass(), run.runId());
        return Async.function(
                device::measure, new MeasureTask(run.runId(), scenario.name(), conditions, effort, networks));
    }

    static <T> Map<String, T> gather(Map<String, Promise<T>> tasks) {
        Map<String, T> outcomes = new LinkedHashMap<>();
        tasks.forEach((scenario, task) -> outcomes.put(scenario, task.get()));
        return outcomes;
    }
}
