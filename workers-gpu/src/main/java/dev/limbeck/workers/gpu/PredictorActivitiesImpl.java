package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.BatchNormReestimation;
import dev.limbeck.learn.Distillation;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.Splits;
import dev.limbeck.learn.TrainOptions;
import dev.limbeck.learn.Trained;
import dev.limbeck.search.AccuracyPredictor;
import dev.limbeck.search.FinetunedNetwork;
import dev.limbeck.search.KendallTau;
import dev.limbeck.search.PredictorReport;
import dev.limbeck.store.Digests;
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

    private static final int NORMALIZATION_IMAGES = 1000;

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
        Splits splits = workshop.data(run);
        ImageDataset images = splits.train();
        TrainOptions options = TrainOptions.finetuning()
                .withEpochs(run.spec().predictor().epochs())
                .withImagesPerEpoch(Math.min(run.spec().predictor().images(), images.size()))
                .withSeed(run.spec().seed());
        Assembly assembly = Assembly.of(workshop.artifacts(), run, library);
        String key = Digests.ofParts(
                "finetune sample",
                VERSION,
                run.reference(),
                splits.digest(),
                images.size(),
                assembly.blocks(architecture),
                options);
        return workshop.artifacts()
                .once(
                        key,
                        SampleOutcome.class,
                        () -> workshop.timed(run, "predictor", (timing, progress) -> {
                            Graph assembled = BatchNormReestimation.reestimate(
                                    assembly.network(architecture), images, NORMALIZATION_IMAGES);
                            double before = Evaluation.accuracy(assembled, splits.validation(), 1);
                            StoreCheckpoints checkpoints = workshop.checkpoints(key);
                            Trained trained = Distillation.distil(
                                    assembled,
                                    workshop.teacher().logits(run, images),
                                    images,
                                    options,
                                    workshop.metrics().countingImages(progress, images.size()),
                                    checkpoints);
                            workshop.metrics().networkFinetuned();
                            Cost cost = Cost.of(assembled);
                            SampleOutcome outcome = new SampleOutcome(
                                    architecture,
                                    before,
                                    Evaluation.accuracy(trained.graph(), splits.validation(), 1),
                                    cost.macs(),
                                    cost.parameters(),
                                    timing.get());
                            workshop.metrics().networkFinetuned();
                            checkpoints.clear();
                            return outcome;
                        }));
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
