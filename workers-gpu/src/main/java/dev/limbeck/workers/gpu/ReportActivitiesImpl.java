package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Cost;
import dev.limbeck.schemas.LimbeckVersion;
import dev.limbeck.schemas.ResultEvent;
import dev.limbeck.schemas.Results;
import dev.limbeck.search.BlockChoice;
import dev.limbeck.search.PredictorReport;
import dev.limbeck.search.SpaceProfile;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.gpu.SpaceActivitiesImpl.ProfileArtifact;
import dev.limbeck.workflows.BlockOutcome;
import dev.limbeck.workflows.Finetuned;
import dev.limbeck.workflows.ReportActivities;
import dev.limbeck.workflows.ReportRequest;
import dev.limbeck.workflows.RunOutcome;
import dev.limbeck.workflows.RunRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts the results of a run together. */
final class ReportActivitiesImpl implements ReportActivities {

    private final Workshop workshop;

    ReportActivitiesImpl(Workshop workshop) {
        this.workshop = workshop;
    }

    @Override
    public RunOutcome report(RunRequest run, ReportRequest request) {
        return workshop.timed(run, "report", (timing, progress) -> {
            Assembly assembly = Assembly.of(workshop.artifacts(), run, request.library());
            PredictorArtifact predictor =
                    workshop.artifacts().getJson(request.predictor().digest(), PredictorArtifact.class);
            ModelFiles files = new ModelFiles(request.networks());
            ScenarioResults scenarios =
                    new ScenarioResults(workshop.artifacts(), run, request, assembly, predictor, files);
            Results results = new Results(
                    run.spec().name(),
                    LimbeckVersion.current().version(),
                    LimbeckVersion.current().commit(),
                    workshop.now().toString(),
                    run.runId(),
                    workshop.artifacts().putJson(run.spec()),
                    run.spec().seed(),
                    reference(request, files),
                    space(request),
                    predictor(assembly, predictor.report(), predictor.heldOut()),
                    new LedgerResults(workshop.artifacts(), run, request, assembly)
                            .ledger(workshop.data(run).train().size()),
                    blocks(assembly),
                    run.spec().scenarios().stream().map(scenarios::of).toList(),
                    Timeline.of(request, assembly),
                    Machines.of(workshop.artifacts(), request));
            String digest = workshop.artifacts().store().put(results.toJson().getBytes(StandardCharsets.UTF_8));
            workshop.events()
                    .publish(
                            Topic.RESULTS,
                            run.runId(),
                            new ResultEvent(run.runId(), run.spec().name(), digest));
            progress.report("report", 1, 1, "");
            return new RunOutcome(run.runId(), digest, files.digests());
        });
    }

    private Results.Reference reference(ReportRequest request, ModelFiles files) {
        Finetuned reference = request.networks().getFirst();
        Cost cost = Cost.of(workshop.artifacts().graph(reference.network()));
        return new Results.Reference(
                files.path(reference),
                reference.accuracy(),
                reference.validationAccuracy(),
                cost.macs(),
                cost.parameters());
    }

    private Results.Space space(ReportRequest request) {
        SpaceProfile profile = workshop.artifacts()
                .getJson(request.profile().digest(), ProfileArtifact.class)
                .profile();
        return new Results.Space(
                profile.blocks().size(),
                profile.variants(),
                profile.architectures().toString(),
                new Results.Span(profile.macs().least(), profile.macs().most()),
                new Results.Span(
                        profile.parameters().least(), profile.parameters().most()),
                request.profile().text());
    }

    private static Results.Predictor predictor(
            Assembly assembly, PredictorReport report, List<PredictorReport.Prediction> heldOut) {
        return new Results.Predictor(
                report.predictor().kendallTau(),
                range(report.predictor().kendallTauInterval()),
                report.predictor().rmse(),
                range(report.predictor().rmseInterval()),
                report.heldOut(),
                report.noiseCeiling(),
                report.baselines().stream()
                        .map(b -> new Results.Baseline(b.name(), b.kendallTau(), range(b.kendallTauInterval())))
                        .toList(),
                heldOut.stream()
                        .map(p -> new Results.HeldOutPrediction(
                                String.join(" | ", assembly.labels(p.genes()).values()), p.predicted(), p.actual()))
                        .toList());
    }

    private static Results.Range range(dev.limbeck.search.Interval interval) {
        return interval == null ? null : new Results.Range(interval.low(), interval.high());
    }

    private static List<Results.BlockQuality> blocks(Assembly assembly) {
        SpaceProfile profile = assembly.profile();
        List<Results.BlockQuality> blocks = new ArrayList<>();
        for (int b = 0; b < assembly.space().blocks().size(); b++) {
            List<Results.Variant> variants = new ArrayList<>();
            List<BlockChoice> choices = assembly.space().choices().get(b);
            for (int v = 0; v < choices.size(); v++) {
                BlockOutcome outcome = assembly.library().block(b, v);
                Cost cost = profile.blocks().get(b).get(v);
                variants.add(new Results.Variant(
                        choices.get(v).label(), outcome.validationNoiseToSignal(), cost.macs(), cost.parameters()));
            }
            blocks.add(new Results.BlockQuality(assembly.space().blocks().get(b).name(), variants));
        }
        return blocks;
    }

    /** Where each network lies in the run's folder. */
    static final class ModelFiles {

        private final Map<String, String> paths = new LinkedHashMap<>();

        ModelFiles(List<Finetuned> networks) {
            Map<List<Integer>, String> names = new LinkedHashMap<>();
            for (Finetuned network : networks) {
                String name = names.computeIfAbsent(
                        network.architecture(), a -> a.isEmpty() ? "reference" : "net-%02d".formatted(names.size()));
                String size = network.compression() == null ? "" : "." + network.compression();
                paths.put(network.network(), "models/" + name + size + "." + network.precision() + ".onnx");
            }
        }

        String path(Finetuned network) {
            return paths.get(network.network());
        }

        /** Digest by path. */
        Map<String, String> digests() {
            Map<String, String> digests = new LinkedHashMap<>();
            paths.forEach((digest, path) -> digests.put(path, digest));
            return digests;
        }
    }
}
