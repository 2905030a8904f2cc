package dev.limbeck.workflows;

import io.temporal.workflow.Async;

/** Registered by every worker that serves {@link TaskQueues#CONTROL}. */
public final class BlockLibraryWorkflowImpl implements BlockLibraryWorkflow {

    private final Pieces<BlockOutcome> trained = new Pieces<>();

    @Override
    public StageProgress progress() {
        return trained.progress();
    }

    @Override
    public Library build(RunRequest run, SpacePlan plan) {
        LibraryActivities activities = Stubs.training(LibraryActivities.class, run);
        // In the order of the blocks, so that a worker computes the teacher's activations of each block once and can
        // drop them.
        for (int block = 0; block < plan.untrained().size(); block++) {
            for (int variant = 0; variant < plan.untrained().get(block).size(); variant++) {
                trained.add(Async.function(activities::trainBlock, run, plan, new BlockTask(block, variant)));
            }
        }
        return activities.collectLibrary(run, plan, trained.get());
    }
}
