package dev.limbeck.cli;

import dev.limbeck.schemas.QuantizationResults;
import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.Spec;
import dev.limbeck.workflows.RemeasureRequest.Front;
import dev.limbeck.workflows.RemeasureRequest.Known;
import dev.limbeck.workflows.RunOutcome;
import dev.limbeck.workflows.Scenarios;
import java.util.List;

/** What a run found for every scenario, with the latencies that it measured. */
final class Fronts {

    private final Spec spec;
    private final RunOutcome outcome;

    /** @param outcome of a run of this spec */
    Fronts(Spec spec, RunOutcome outcome) {
        this.spec = spec;
        this.outcome = outcome;
    }

    /** @param json bytes of the run's {@code results.json} */
    List<Front> of(byte[] json) {
        return QuantizationResults.isIn(json) ? of(QuantizationResults.parse(json)) : of(Results.parse(json));
    }

    private List<Front> of(Results results) {
        return results.scenarios().stream()
                .map(scenario -> new Front(
                        scenario.name(),
                        Scenarios.conditions(spec, scenario.name(), scenario.tuning()),
                        known(
                                scenario.reference().model(),
                                scenario.reference().latency().p50Millis()),
                        scenario.front().stream()
                                .map(network ->
                                        known(network.model(), network.latency().p50Millis()))
                                .toList()))
                .toList();
    }

    /** Where the job was to quantize, all networks that were asked for take the front's place. */
    private List<Front> of(QuantizationResults results) {
        return spec.scenarios().stream()
                .map(scenario -> new Front(
                        scenario.name(),
                        Scenarios.conditions(
                                spec, scenario.name(), results.tunings().get(scenario.name())),
                        known(
                                results.reference().model(),
                                QuantizationResults.p50(results.reference().latencies(), scenario.name())),
                        results.networks().stream()
                                .map(network -> known(
                                        network.model(), QuantizationResults.p50(network.latencies(), scenario.name())))
                                .toList()))
                .toList();
    }

    private Known known(String model, double p50Millis) {
        return new Known(model, outcome.models().get(model), p50Millis);
    }
}
