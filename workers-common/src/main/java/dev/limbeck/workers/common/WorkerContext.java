package dev.limbeck.workers.common;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.Progress;
import dev.limbeck.store.ArtifactStore;
import java.time.Clock;
import java.time.Duration;

/**
 * What activities need from the process that they run in.
 *
 * @param worker name of this process, in results and events
 */
public record WorkerContext(
        String worker, ArtifactStore store, ObjectMapper json, EventPublisher events, Metrics metrics, Clock clock) {

    /** Longest time between two heartbeats that are sent: a cancelled activity hears of it no later than that. */
    public static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(5);

    /** The same, where activities wait for space in the store when it is full. */
    public WorkerContext patient() {
        return new WorkerContext(worker, new PatientStore(store, metrics), json, events, metrics, clock);
    }

    /** Progress of the current activity: heartbeats, which also bring cancellation, and events. */
    public Progress activityProgress(String runId, String stage) {
        return new ActivityProgress(this, runId, stage);
    }
}
