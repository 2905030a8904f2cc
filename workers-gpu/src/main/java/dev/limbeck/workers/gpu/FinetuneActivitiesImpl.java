package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Provenance;
import dev.limbeck.learn.BatchNormReestimation;
import dev.limbeck.learn.Distillation;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.Splits;
import dev.limbeck.learn.TrainOptions;
import dev.limbeck.learn.Trained;
import dev.limbeck.schemas.Spec;
import dev.limbeck.store.Digests;
import dev.limbeck.workflows.FinetuneActivities;
import dev.limbeck.workflows.Finetuned;
import dev.limbeck.workflows.Library;
import dev.limbeck.workflows.RunRequest;
import java.util.List;
import java.util.Map;

/** Finetunes, quantizes and evaluates networks. */
final class FinetuneActivitiesImpl implements FinetuneActivities {

    /** Changes whenever the same inputs would give other results. */
    private static final int VERSION = 2;

    private static final int NORMALIZATION_IMAGES = 1000;

    /** Many blocks are the reference's own and fully trained; twice this rate cost such networks 0.4 points. */
    private static final double LEARNING_RATE = 1e-3;

    private static final String FLOAT = "fp32";
    private static final String INTEGER = "int8";

    private final Workshop workshop;
    private final Quantization quantization;

    FinetuneActivitiesImpl(Workshop workshop, Quantization quantization) {
        this.workshop = workshop;
        this.quantization = quantization;
    }

    @Override
    public Finetuned evaluateReference(RunRequest run) {
        Splits splits = workshop.data(run);
        String key = Digests.ofParts("evaluate reference", VERSION, run.reference(), splits.digest());
        return workshop.artifacts()
                .once(
                        key,
                        Finetuned.class,
                        () -> workshop.timed(run, "finetune", (timing, progress) -> {
                            Graph reference = workshop.artifacts().graph(run.reference());
                            return new Finetuned(
                                    List.of(),
                                    FLOAT,
                                    run.reference(),
                                    Evaluation.accuracy(reference, splits.validation(), 1),
                                    Evaluation.accuracy(reference, splits.test(), 1),
                                    "the reference",
                                    timing.get());
                        }));
    }

    @Override
    public Finetuned finetune(RunRequest run, Library library, List<Integer> architecture) {
        Splits splits = workshop.data(run);
        Spec.Finetune settings = run.spec().finetune();
        ImageDataset images = splits.train();
        TrainOptions options = TrainOptions.finetuning()
                .withEpochs(settings.epochs())
                .withLearningRate(LEARNING_RATE)
                .withImagesPerEpoch(Math.min(settings.images(), images.size()))
                .withTemperature(settings.temperature())
                .withSeed(run.spec().seed());
        Assembly assembly = Assembly.of(workshop.artifacts(), run, library);
        String key = Digests.ofParts(
                "finetune",
                VERSION,
                run.reference(),
                splits.digest(),
                images.size(),
                assembly.blocks(architecture),
                options);
        return workshop.artifacts()
                .once(
                        key,
                        Finetuned.class,
                        () -> workshop.timed(run, "finetune", (timing, progress) -> {
                            Graph assembled = BatchNormReestimation.reestimate(
                                    assembly.network(architecture), images, NORMALIZATION_IMAGES);
                            StoreCheckpoints checkpoints = workshop.checkpoints(key);
                            Trained trained = Distillation.distil(
                                    assembled,
                                    workshop.teacher().logits(run, images),
                                    images,
                                    splits.validation(),
                                    options,
                                    workshop.metrics().countingImages(progress, images.size()),
                                    checkpoints);
                            workshop.metrics().networkFinetuned();
                            Finetuned finetuned = new Finetuned(
                                    architecture,
                                    FLOAT,
                                    workshop.artifacts()
                                            .put(provenance(run, splits, assembly, architecture, options)
                                                    .writeTo(trained.graph())),
                                    Evaluation.accuracy(trained.graph(), splits.validation(), 1),
                                    Evaluation.accuracy(trained.graph(), splits.test(), 1),
                                    "distilled from the reference for " + settings.epochs() + " epochs",
                                    timing.get());
                            workshop.metrics().networkFinetuned();
                            checkpoints.clear();
                            return finetuned;
                        }));
    }

    @Override
    public Finetuned quantize(RunRequest run, Finetuned network) {
        Splits splits = workshop.data(run);
        String key = Digests.ofParts(
                "quantize",
                VERSION,
                network.network(),
                splits.digest(),
                workshop.artifacts().text(run.spec().quantize()));
        return workshop.artifacts()
                .once(
                        key,
                        Finetuned.class,
                        () -> workshop.timed(run, "quantize", (timing, progress) -> {
                            Quantization.Result quantized = quantization.forUse(
                                    run, workshop.artifacts().graph(network.network()), progress);
                            return new Finetuned(
                                    network.architecture(),
                                    INTEGER,
                                    workshop.artifacts()
                                            .put(provenance(network, splits, quantized)
                                                    .writeTo(quantized.graph())),
                                    quantized.validationAccuracy(),
                                    Evaluation.accuracy(quantized.graph(), splits.test(), 1),
                                    quantized.made(),
                                    timing.get());
                        }));
    }

    private static Provenance provenance(
            RunRequest run, Splits splits, Assembly assembly, List<Integer> architecture, TrainOptions options) {
        return Provenance.of(
                        "finetune",
                        Integer.toString(VERSION),
                        Map.of(
                                "architecture", assembly.labels(architecture).toString(),
                                "options", options.toString()),
                        Map.of(
                                "reference", run.reference(),
                                "blocks", String.join(" ", assembly.blocks(architecture)),
                                "data", splits.digest()))
                .withSeed(run.spec().seed());
    }

    private static Provenance provenance(Finetuned network, Splits splits, Quantization.Result quantized) {
        return Provenance.of(
                "quantize",
                Integer.toString(VERSION),
                Map.of("steps", quantized.made()),
                Map.of("model", network.network(), "data", splits.digest()));
    }
}
