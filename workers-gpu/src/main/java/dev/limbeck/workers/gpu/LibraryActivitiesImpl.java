package dev.limbeck.workers.gpu;

import dev.limbeck.graph.Graph;
import dev.limbeck.learn.BlockDistillation;
import dev.limbeck.learn.BlockOptions;
import dev.limbeck.learn.Splits;
import dev.limbeck.learn.TrainedBlock;
import dev.limbeck.search.Block;
import dev.limbeck.search.BlockChoice;
import dev.limbeck.search.LayerType;
import dev.limbeck.search.VariantBuilder;
import dev.limbeck.store.Digests;
import dev.limbeck.workflows.BlockOutcome;
import dev.limbeck.workflows.BlockTask;
import dev.limbeck.workflows.Library;
import dev.limbeck.workflows.LibraryActivities;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.SpacePlan;
import java.util.ArrayList;
import java.util.List;

/** Distils block variants. */
final class LibraryActivitiesImpl implements LibraryActivities {

    /** Changes whenever the same inputs would give other results. */
    private static final int VERSION = 1;

    private final Workshop workshop;

    LibraryActivitiesImpl(Workshop workshop) {
        this.workshop = workshop;
    }

    @Override
    public BlockOutcome trainBlock(RunRequest run, SpacePlan plan, BlockTask task) {
        SpaceArtifact space = workshop.artifacts().getJson(plan.digest(), SpaceArtifact.class);
        Block block = space.blocks().get(task.block());
        BlockChoice choice = space.choices().get(task.block()).get(task.variant());
        Splits splits = workshop.data(run);
        BlockOptions options = BlockOptions.defaults()
                .withEpochs(run.spec().library().epochs())
                .withSeed(run.spec().seed());
        int images = Math.min(run.spec().library().images(), splits.train().size());
        String key = Digests.ofParts(
                "train block",
                VERSION,
                run.reference(),
                splits.digest(),
                images,
                workshop.artifacts().text(block),
                workshop.artifacts().text(choice),
                workshop.key(options));
        BlockOutcome outcome = workshop.artifacts()
                .once(
                        key,
                        BlockOutcome.class,
                        () -> workshop.timed(run, "library", (timing, progress) -> {
                            Teacher.BlockData data =
                                    workshop.teacher().around(run, space.blocks(), task.block(), splits, images);
                            if (choice.layer() == LayerType.REFERENCE) {
                                // the reference's own block needs no training: it is what the others mimic
                                return new BlockOutcome(
                                        task,
                                        plan.untrained().get(task.block()).get(task.variant()),
                                        0,
                                        0,
                                        timing.get());
                            }
                            Graph untrained = VariantBuilder.build(
                                    block, choice, run.spec().seed());
                            TrainedBlock trained = BlockDistillation.train(
                                    untrained,
                                    data.inputs(),
                                    data.outputs(),
                                    data.heldOutInputs(),
                                    data.heldOutOutputs(),
                                    options,
                                    workshop.compute(),
                                    workshop.metrics()
                                            .countingImages(
                                                    progress, data.inputs().batch()));
                            workshop.metrics().blockTrained();
                            return new BlockOutcome(
                                    task,
                                    workshop.artifacts().put(trained.graph()),
                                    trained.trainingNoiseToSignal(),
                                    trained.validationNoiseToSignal(),
                                    timing.get());
                        }));
        // The same variant may stand at another position in another run's space.
        return new BlockOutcome(
                task,
                outcome.graph(),
                outcome.trainingNoiseToSignal(),
                outcome.validationNoiseToSignal(),
                outcome.timing());
    }

    @Override
    public Library collectLibrary(RunRequest run, SpacePlan plan, List<BlockOutcome> blocks) {
        List<List<BlockOutcome>> byBlock = new ArrayList<>();
        for (BlockOutcome outcome : blocks) {
            while (byBlock.size() <= outcome.task().block()) {
                byBlock.add(new ArrayList<>());
            }
            byBlock.get(outcome.task().block()).add(outcome);
        }
        return new Library(plan.digest(), workshop.artifacts().putJson(new LibraryArtifact(byBlock)));
    }
}
