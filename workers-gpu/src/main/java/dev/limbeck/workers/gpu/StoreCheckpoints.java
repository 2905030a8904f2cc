package dev.limbeck.workers.gpu;

import static java.util.Objects.requireNonNull;

import dev.limbeck.learn.Checkpoints;
import dev.limbeck.store.ArtifactStore;
import java.time.Duration;
import java.util.Optional;

/** Checkpoints of one training as a record of the store, so that any worker can go on from them. */
final class StoreCheckpoints implements Checkpoints {

    private final ArtifactStore store;
    private final String key;
    private final Duration interval;

    /** @param key of the result that the training will be remembered under */
    StoreCheckpoints(ArtifactStore store, String key, Duration interval) {
        this.store = requireNonNull(store, "store is null");
        this.interval = requireNonNull(interval, "interval is null");
        this.key = "checkpoint " + requireNonNull(key, "key is null");
    }

    @Override
    public Optional<byte[]> load() {
        return store.recall(key);
    }

    @Override
    public void save(byte[] checkpoint) {
        store.remember(key, checkpoint);
    }

    @Override
    public Duration interval() {
        return interval;
    }

    /** Called when the result itself is remembered. */
    void clear() {
        store.forget(key);
    }
}
