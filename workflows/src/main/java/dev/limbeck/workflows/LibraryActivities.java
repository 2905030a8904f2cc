package dev.limbeck.workflows;

import io.temporal.activity.ActivityInterface;
import java.util.List;

/** Step B, first half: block variants are distilled from the reference's activations. */
@ActivityInterface
public interface LibraryActivities {

    BlockOutcome trainBlock(RunRequest run, SpacePlan plan, BlockTask task);

    Library collectLibrary(RunRequest run, SpacePlan plan, List<BlockOutcome> blocks);
}
