package dev.limbeck.workflows;

import io.temporal.activity.ActivityInterface;

/** What a device does: it measures, one task at a time. */
@ActivityInterface
public interface DeviceActivities {

    MeasureOutcome measure(MeasureTask task);
}
