package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Cost;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.Splits;
import dev.limbeck.learn.TrainOptions;
import dev.limbeck.schemas.Spec;
import dev.limbeck.search.AccuracyPredictor;
import dev.limbeck.search.FinetunedNetwork;
import dev.limbeck.search.KendallTau;
import dev.limbeck.search.PredictorReport;
import dev.limbeck.workflows.FittedPredictor;
import dev.limbeck.workflows.Library;
import dev.limbeck.workflows.PredictorActivities;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.SampleOutcome;
import java.util.List;

/** Finetunes sampled networks and fits the accuracy predictor. */
final class PredictorActivitiesImpl implements PredictorActivities {

    /** Changes whenever the same inputs would give other results. */
    private static final int VERSION = 1;

    private final Workshop workshop;

    PredictorActivitiesImpl(Workshop workshop) {
        this.workshop = workshop;
    }

    @Override
    public List<List<Integer>> sampleArchitectures(RunRequest run, Library library) {
        return Assembly.of(workshop.artifacts(), run, library)
                .sample(run.spec().predictor().networks(), run.spec().seed());
    }

    @Override
    public SampleOutcome finetuneSample(RunRequest run, Library library, List<Integer> architecture) {
        Spec.Predictor settings = run.spec().predictor();
        Splits splits = workshop.data(run);
        TrainOptions options = TrainOptions.finetuning()
                .withEpochs(settings.epochs())
                .withImagesPerEpoch(Math.min(settings.images(), splits.train().size()))
                .withSeed(run.spec().seed());
        return new Finetuning(workshop, run, library, architecture, options)
                .once(
                        "finetune sample",
                        VERSION,
                        "predictor",
                        splits.validation().take(0),
                        SampleOutcome.class,
                        (assembled, finetuned, timing) -> {
                            Cost cost = Cost.of(assembled);
                            return new SampleOutcome(
                                    architecture,
                                    Evaluation.accuracy(assembled, splits.validation(), 1),
                                    Evaluation.accuracy(finetuned.get(), splits.validation(), 1),
                                    cost.macs(),
                                    cost.parameters(),
                                    timing.get());
                        });
    }

    @Override
    public FittedPredictor fitPredictor(RunRequest run, Library library, List<SampleOutcome> samples) {
        return workshop.timed(run, "predictor", (timing, progress) -> {
            Assembly assembly = Assembly.of(workshop.artifacts(), run, library);
            List<FinetunedNetwork> networks = samples.stream()
                    .map(sample -> new FinetunedNetwork(
                            sample.architecture(),
                            assembly.noiseToSignal(sample.architecture()),
                            List.of(),
                            sample.accuracy(),
                            sample.macs(),
                            sample.parameters()))
                    .toList();
            double mean = samples.stream()
                    .mapToDouble(SampleOutcome::accuracy)
                    .average()
                    .orElseThrow();
            double noise = KendallTau.binomialNoise(
                    mean, workshop.data(run).validation().size());
            PredictorReport report =
                    PredictorReport.of(networks, noise, run.spec().seed());
            PredictorArtifact artifact = new PredictorArtifact(
                    AccuracyPredictor.fit(networks), report, PredictorReport.leaveOneOut(networks));
            return new FittedPredictor(
                    workshop.artifacts().putJson(artifact),
                    report.predictor().kendallTau(),
                    report.predictor().rmse(),
                    timing.get());
        });
    }
}
