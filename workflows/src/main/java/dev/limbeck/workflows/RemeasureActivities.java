package dev.limbeck.workflows;

import dev.limbeck.schemas.DriftEvent;
import io.temporal.activity.ActivityInterface;

/** What a device does beside measuring what nobody has measured. */
@ActivityInterface
public interface RemeasureActivities {

    /** Measures a front again, holds it against what its run had measured, and tells it to whoever listens. */
    DriftEvent remeasure(RemeasureTask task);
}
