package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Cost;
import dev.limbeck.schemas.GoalCheck;
import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.Spec;
import dev.limbeck.search.Architecture;
import dev.limbeck.search.ExactFront;
import dev.limbeck.search.Hypervolume;
import dev.limbeck.search.LatencyFit;
import dev.limbeck.search.LatencyTable;
import dev.limbeck.search.ParetoFront;
import dev.limbeck.workers.gpu.ReportActivitiesImpl.ModelFiles;
import dev.limbeck.workers.gpu.SearchArtifact.Point;
import dev.limbeck.workflows.Finetuned;
import dev.limbeck.workflows.Measured;
import dev.limbeck.workflows.ReportRequest;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.TuneOutcome;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a run found for each scenario. */
final class ScenarioResults {

    private final Artifacts artifacts;
    private final RunRequest run;
    private final ReportRequest request;
    private final Assembly assembly;
    private final PredictorArtifact predictor;
    private final ModelFiles files;

    ScenarioResults(
            Artifacts artifacts,
            RunRequest run,
            ReportRequest request,
            Assembly assembly,
            PredictorArtifact predictor,
            ModelFiles files) {
        this.artifacts = artifacts;
        this.run = run;
        this.request = request;
        this.assembly = assembly;
        this.predictor = predictor;
        this.files = files;
    }

    Results.Scenario of(Spec.Scenario scenario) {
        Map<String, Measured> measured = request.measured().get(scenario.name()).measured().stream()
                .collect(Collectors.toMap(Measured::network, Function.identity(), (a, b) -> a));
        List<Finetuned> here = request.networks().stream()
                .filter(network ->
                        network.precision().equals(scenario.precision().label()))
                .toList();
        Finetuned referenceHere = here.stream()
                .filter(n -> n.architecture().isEmpty())
                .findFirst()
                .orElseThrow();
        Results.ReferenceHere reference = new Results.ReferenceHere(
                files.path(referenceHere),
                referenceHere.accuracy(),
                referenceHere.validationAccuracy(),
                latency(measured.get(referenceHere.network())),
                measured.get(referenceHere.network()).integerKernelShare(),
                artifacts.bytes(referenceHere.network()),
                referenceHere.missed());
        List<Results.Network> networks = here.stream()
                .filter(n -> !n.architecture().isEmpty())
                .map(n -> network(n, measured.get(n.network())))
                .toList();
        List<Results.Network> front = ParetoFront.of(networks, Results.Network::validationAccuracy, n -> n.latency()
                        .p50Millis())
                .members();
        List<Point> history = history(scenario);
        return new Results.Scenario(
                scenario.name(),
                scenario.device(),
                measured.values().stream().map(Measured::device).distinct().toList(),
                scenario.precision().label(),
                scenario.threads(),
                scenario.batch(),
                scenario.imageSize(),
                reference,
                history.stream()
                        .map(p -> new Results.Searched(
                                p.architecture(), p.predictedAccuracy(), p.p50Millis(), p.generation()))
                        .toList(),
                networks,
                front,
                quality(history),
                goals(reference, front),
                tuning(scenario));
    }

    private Results.Tuning tuning(Spec.Scenario scenario) {
        TuneOutcome tuned = request.tuned().get(scenario.name());
        return tuned == null ? null : tuned.tuning();
    }

    private Results.Network network(Finetuned network, Measured measured) {
        Cost cost = Cost.of(artifacts.graph(network.network()));
        return new Results.Network(
                files.path(network),
                network.precision(),
                assembly.labels(network.architecture()),
                network.compression() == null
                        ? predictor.predictor().predict(assembly.noiseToSignal(network.architecture()), List.of())
                        : null,
                network.validationAccuracy(),
                network.accuracy(),
                latency(measured),
                cost.macs(),
                cost.parameters(),
                measured.integerKernelShare(),
                measured.device(),
                network.made(),
                artifacts.bytes(network.network()),
                network.compression(),
                network.missed());
    }

    private static Results.Latency latency(Measured measured) {
        return new Results.Latency(measured.p50Millis(), measured.p90Millis(), measured.p99Millis(), measured.valid());
    }

    private List<Point> history(Spec.Scenario scenario) {
        String state = request.searches().stream()
                .filter(search -> search.scenario().equals(scenario.name()))
                .findFirst()
                .orElseThrow()
                .state();
        return artifacts.getJson(state, SearchArtifact.class).history();
    }

    /**
     * The found front's hypervolume beside that of the exact front of the whole space. Latencies of networks that were not measured
     * are known only by the sum over blocks learned from those that were, so both are taken under it.
     */
    private Results.SearchQuality quality(List<Point> history) {
        List<LatencyFit.Measured> measured = new ArrayList<>();
        for (Point point : history) {
            measured.add(new LatencyFit.Measured(new Architecture(point.architecture()), point.p50Millis()));
        }
        LatencyTable table =
                LatencyFit.of(measured, assembly.profile().blockMacs()).table();
        double worstLatency = table.slowestMillis();
        double worstAccuracy = 0.5;
        double found = Hypervolume.of(
                history,
                Point::predictedAccuracy,
                point -> table.estimate(new Architecture(point.architecture())),
                worstAccuracy,
                worstLatency);
        Double exact = ExactFront.canEnumerate(assembly.cardinalities())
                ? (Double) Hypervolume.of(
                        ExactFront.of(predictor.predictor(), assembly.noiseToSignal(), table),
                        ExactFront.Solution::score,
                        ExactFront.Solution::cost,
                        worstAccuracy,
                        worstLatency)
                : null;
        return new Results.SearchQuality(found, exact, history.size(), history.size());
    }

    private Results.Goals goals(Results.ReferenceHere reference, List<Results.Network> front) {
        Double drop = run.spec().goals().accuracyDrop();
        Double speedup = run.spec().goals().speedup();
        double allowed = drop == null ? Spec.Goals.USUAL_DROP : drop;
        double wanted = speedup == null ? 1 : speedup;
        double best = front.stream()
                .filter(network -> network.accuracy() >= reference.accuracy() - allowed)
                .mapToDouble(network ->
                        reference.latency().p50Millis() / network.latency().p50Millis())
                .max()
                .orElse(0);
        String text = best == 0
                ? "no network within %s of the reference's accuracy".formatted(points(allowed))
                : "%.2f times as fast as the reference within %s of its accuracy (goal: %.2f)"
                        .formatted(best, points(allowed), wanted);
        GoalCheck.Verdict verdict = GoalCheck.of(
                run.spec().goals(),
                new GoalCheck.Network(
                        reference.model(),
                        reference.accuracy(),
                        reference.latency().p50Millis(),
                        reference.bytes()),
                front.stream()
                        .map(network -> new GoalCheck.Network(
                                network.model(),
                                network.accuracy(),
                                network.latency().p50Millis(),
                                network.bytes()))
                        .toList());
        return new Results.Goals(verdict.met(), allowed, wanted, text, verdict.model(), verdict.goals());
    }

    /** "1 point", "0.5 points" */
    private static String points(double fraction) {
        String number = BigDecimal.valueOf(fraction)
                .movePointRight(2)
                .stripTrailingZeros()
                .toPlainString();
        return number + (number.equals("1") ? " point" : " points");
    }
}
