package dev.limbeck.cli;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.schemas.QuantizationResults;
import dev.limbeck.schemas.Results;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a run stands, and what it came to: the JSON that {@code submit}, {@code watch} and {@code status} print.
 *
 * @param state as {@link RunState} has it
 * @param stage in which it is; null when it has ended, or nobody is there to say it
 * @param goalsMet null until it is done
 * @param failure why it failed; null otherwise
 * @param missed networks that are not all that the spec asked for, and why: "models/mixed.onnx: the budget of 0.2 is missed"
 * @param results the whole {@code results.json}; null until it is done
 */
record RunReport(
        String runId,
        String state,
        String stage,
        Boolean goalsMet,
        String failure,
        List<Scenario> scenarios,
        List<String> missed,
        JsonNode results) {

    RunReport {
        scenarios = List.copyOf(scenarios);
        missed = List.copyOf(missed);
    }

    /** Before and after. @param name null where a run that quantizes has no scenarios */
    record Scenario(String name, Network before, Network after, List<Results.Goal> goals) {

        Scenario {
            goals = List.copyOf(goals);
        }

        @JsonIgnore
        boolean met() {
            return goals.stream().allMatch(Results.Goal::met);
        }

        /** For people. */
        @JsonIgnore
        String title() {
            return name == null ? "all" : name;
        }
    }

    /** @param p50Millis null where it was not measured */
    record Network(String model, double accuracy, Double p50Millis, Long bytes) {}

    /** A run that has not come to its end, or to no good one. */
    static RunReport unfinished(String runId, String state, String stage, String failure) {
        return new RunReport(runId, state, stage, null, failure, List.of(), List.of(), null);
    }

    /** @param json bytes of {@code results.json} */
    static RunReport done(String runId, byte[] json) {
        return QuantizationResults.isIn(json)
                ? done(runId, QuantizationResults.parse(json))
                : done(runId, Results.parse(json));
    }

    private static RunReport done(String runId, Results results) {
        List<Scenario> scenarios = new ArrayList<>();
        List<String> missed = new ArrayList<>();
        for (Results.Scenario scenario : results.scenarios()) {
            Results.Goals goals = scenario.goals();
            Results.ReferenceHere before = scenario.reference();
            Network after = scenario.front().stream()
                    .filter(network -> goals != null && network.model().equals(goals.model()))
                    .map(network -> new Network(
                            network.model(),
                            network.accuracy(),
                            network.latency().p50Millis(),
                            network.bytes()))
                    .findFirst()
                    .orElse(null);
            scenarios.add(new Scenario(
                    scenario.name(),
                    new Network(
                            before.model(), before.accuracy(), before.latency().p50Millis(), before.bytes()),
                    after,
                    goals == null ? List.of() : goals.goals()));
            missed.addAll(missed(before.model(), before.missed()));
            scenario.networks().forEach(network -> missed.addAll(missed(network.model(), network.missed())));
        }
        return done(runId, scenarios, missed.stream().distinct().toList(), results.tree());
    }

    private static RunReport done(String runId, QuantizationResults results) {
        List<Scenario> scenarios = new ArrayList<>();
        QuantizationResults.Reference before = results.reference();
        for (QuantizationResults.Goals goals : results.goals()) {
            Network after = results.networks().stream()
                    .filter(network -> network.model().equals(goals.model()))
                    .map(network -> new Network(
                            network.model(),
                            network.accuracy(),
                            QuantizationResults.p50(network.latencies(), goals.scenario()),
                            network.bytes()))
                    .findFirst()
                    .orElse(null);
            scenarios.add(new Scenario(
                    goals.scenario(),
                    new Network(
                            before.model(),
                            before.accuracy(),
                            QuantizationResults.p50(before.latencies(), goals.scenario()),
                            before.bytes()),
                    after,
                    goals.goals()));
        }
        List<String> missed = results.networks().stream()
                .flatMap(network -> missed(network.model(), network.missed()).stream())
                .toList();
        return done(runId, scenarios, missed, results.tree());
    }

    private static List<String> missed(String model, List<String> what) {
        return what.stream().map(text -> model + ": " + text).toList();
    }

    private static RunReport done(String runId, List<Scenario> scenarios, List<String> missed, JsonNode tree) {
        boolean met = scenarios.stream().allMatch(Scenario::met);
        return new RunReport(runId, RunState.COMPLETED, null, met, null, scenarios, missed, tree);
    }

    @JsonIgnore
    int exitCode() {
        return switch (state) {
            case RunState.COMPLETED -> Boolean.TRUE.equals(goalsMet) ? ExitCodes.DONE : ExitCodes.FAILED;
            case RunState.RUNNING -> ExitCodes.DONE;
            default -> ExitCodes.FAILED;
        };
    }
}
