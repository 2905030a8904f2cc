package dev.limbeck.workers.common;

import static java.util.Objects.requireNonNull;

import dev.limbeck.store.ArtifactStore;
import java.util.Optional;
import java.util.function.Supplier;

/** A store that tells the metrics how long it lets one wait. */
public final class MeasuredStore implements ArtifactStore {

    private final ArtifactStore store;
    private final Metrics metrics;

    public MeasuredStore(ArtifactStore store, Metrics metrics) {
        this.store = requireNonNull(store, "store is null");
        this.metrics = requireNonNull(metrics, "metrics is null");
    }

    @Override
    public String put(byte[] bytes) {
        return writes(() -> store.put(bytes));
    }

    @Override
    public byte[] get(String digest) {
        return reads(() -> store.get(digest));
    }

    @Override
    public boolean contains(String digest) {
        return reads(() -> store.contains(digest));
    }

    @Override
    public Optional<byte[]> recall(String key) {
        return reads(() -> store.recall(key));
    }

    @Override
    public void remember(String key, byte[] record) {
        writes(() -> {
            store.remember(key, record);
            return key;
        });
    }

    @Override
    public byte[] rememberFirst(String key, byte[] record) {
        return writes(() -> store.rememberFirst(key, record));
    }

    @Override
    public void forget(String key) {
        writes(() -> {
            store.forget(key);
            return key;
        });
    }

    @Override
    public void close() {
        store.close();
    }

    private <T> T reads(Supplier<T> operation) {
        return metrics.storeReads().record(operation);
    }

    private <T> T writes(Supplier<T> operation) {
        return metrics.storeWrites().record(operation);
    }
}
