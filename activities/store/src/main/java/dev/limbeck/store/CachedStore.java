package dev.limbeck.store;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/** Keeps artifacts of a store that is far away on the local disk; records, which others change, are always asked for. */
public final class CachedStore implements ArtifactStore {

    private final ArtifactStore far;
    private final DiskCache cache;

    public CachedStore(ArtifactStore far, DiskCache cache) {
        this.far = requireNonNull(far, "far is null");
        this.cache = requireNonNull(cache, "cache is null");
    }

    @Override
    public String put(byte[] bytes) {
        String digest = far.put(bytes);
        cache.put(digest, bytes);
        return digest;
    }

    @Override
    public byte[] get(String digest) {
        return cache.get(digest).orElseGet(() -> {
            byte[] bytes = far.get(digest);
            cache.put(digest, bytes);
            return bytes;
        });
    }

    @Override
    public boolean contains(String digest) {
        return far.contains(digest);
    }

    @Override
    public Optional<byte[]> recall(String key) {
        return far.recall(key);
    }

    @Override
    public void remember(String key, byte[] record) {
        far.remember(key, record);
    }

    @Override
    public byte[] rememberFirst(String key, byte[] record) {
        return far.rememberFirst(key, record);
    }

    @Override
    public void forget(String key) {
        far.forget(key);
    }

    @Override
    public void close() {
        far.close();
    }
}
