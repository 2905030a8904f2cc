package dev.limbeck.workflows;

import io.temporal.activity.ActivityInterface;
import java.util.Map;

/** Step A: the reference is inspected and cut, the space laid out and profiled. */
@ActivityInterface
public interface SpaceActivities {

    SpacePlan planSpace(RunRequest run);

    /** @param latencies by scenario: latency of every untrained variant, blocks after one another */
    Profile profileSpace(RunRequest run, SpacePlan plan, Map<String, MeasureOutcome> latencies);
}
