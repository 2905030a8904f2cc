package dev.limbeck.workflows;

import io.temporal.activity.ActivityInterface;

/** What a device does, one task at a time. */
@ActivityInterface
public interface DeviceActivities {

    MeasureOutcome measure(MeasureTask task);

    /** Seeks settings of the runtime under which the network is faster, and confirms the gain by a second measurement. */
    TuneOutcome tune(TuneTask task);
}
