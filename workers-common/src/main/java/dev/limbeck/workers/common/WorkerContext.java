package dev.limbeck.workers.common;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.Progress;
import dev.limbeck.store.ArtifactStore;
import java.time.Clock;

/**
 * What activities need from the process that they run in.
 *
 * @param worker name of this process, in results and events
 */
public record WorkerContext(
        String worker, ArtifactStore store, ObjectMapper json, EventPublisher events, Metrics metrics, Clock clock) {

    /** Progress of the current activity: heartbeats, which also bring cancellation, and events. */
    public Progress activityProgress(String runId, String stage) {
        return new ActivityProgress(this, runId, stage);
    }
}
