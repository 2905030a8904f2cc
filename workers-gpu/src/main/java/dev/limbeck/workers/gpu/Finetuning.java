package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Graph;
import dev.limbeck.learn.BatchNormReestimation;
import dev.limbeck.learn.Distillation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.Splits;
import dev.limbeck.learn.TrainOptions;
import dev.limbeck.schemas.Progress;
import dev.limbeck.store.Digests;
import dev.limbeck.workflows.Library;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.Timing;
import java.util.List;
import java.util.function.Supplier;

/** A network put together from the block library and finetuned by distillation from the reference. */
final class Finetuning {

    private static final int NORMALIZATION_IMAGES = 1000;

    private final Workshop workshop;
    private final RunRequest run;
    private final List<Integer> architecture;
    private final TrainOptions options;
    private final Assembly assembly;
    private final Splits splits;

    Finetuning(Workshop workshop, RunRequest run, Library library, List<Integer> architecture, TrainOptions options) {
        this.workshop = workshop;
        this.run = run;
        this.architecture = architecture;
        this.options = options;
        this.assembly = Assembly.of(workshop.artifacts(), run, library);
        this.splits = workshop.data(run);
    }

    /** What is made of a network before and after finetuning. */
    @FunctionalInterface
    interface Result<T> {
        T of(Graph assembled, Supplier<Graph> finetuned, Supplier<Timing> timing);
    }

    /**
     * Does it, once; goes on from the checkpoint of an attempt that was interrupted.
     *
     * @param stage what the user sees it as
     * @param validation images on which accuracy is reported after each epoch; may be empty
     */
    <T> T once(String name, int version, String stage, ImageDataset validation, Class<T> type, Result<T> result) {
        String key = Digests.ofParts(
                name,
                version,
                run.reference(),
                splits.digest(),
                splits.train().size(),
                assembly.blocks(architecture),
                workshop.key(options));
        return workshop.artifacts()
                .once(
                        key,
                        type,
                        () -> workshop.timed(run, stage, (timing, progress) -> {
                            Graph assembled = BatchNormReestimation.reestimate(
                                    assembly.network(architecture), splits.train(), NORMALIZATION_IMAGES);
                            StoreCheckpoints checkpoints = workshop.checkpoints(key);
                            T made = result.of(
                                    assembled, () -> distil(assembled, validation, progress, checkpoints), timing);
                            workshop.metrics().networkFinetuned();
                            checkpoints.clear();
                            return made;
                        }));
    }

    private Graph distil(Graph assembled, ImageDataset validation, Progress progress, StoreCheckpoints checkpoints) {
        return Distillation.distil(
                        assembled,
                        workshop.teacher().logits(run, splits.train()),
                        splits.train(),
                        validation,
                        options,
                        workshop.compute(),
                        workshop.metrics()
                                .countingImages(progress, splits.train().size()),
                        checkpoints)
                .graph();
    }

    Splits splits() {
        return splits;
    }

    Assembly assembly() {
        return assembly;
    }
}
