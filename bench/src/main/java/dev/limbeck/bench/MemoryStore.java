package dev.limbeck.bench;

import dev.limbeck.store.ArtifactStore;
import dev.limbeck.store.Digests;
import dev.limbeck.store.MissingArtifactException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Artifacts in memory, so that a benchmark of servers does not measure the disk. */
final class MemoryStore implements ArtifactStore {

    private final Map<String, byte[]> artifacts = new ConcurrentHashMap<>();
    private final Map<String, byte[]> records = new ConcurrentHashMap<>();

    @Override
    public String put(byte[] bytes) {
        String digest = Digests.of(bytes);
        artifacts.put(digest, bytes);
        return digest;
    }

    @Override
    public byte[] get(String digest) {
        byte[] bytes = artifacts.get(digest);
        if (bytes == null) {
            throw new MissingArtifactException(digest, "memory");
        }
        return bytes;
    }

    @Override
    public boolean contains(String digest) {
        return artifacts.containsKey(digest);
    }

    @Override
    public Optional<byte[]> recall(String key) {
        return Optional.ofNullable(records.get(key));
    }

    @Override
    public void remember(String key, byte[] record) {
        records.put(key, record);
    }

    @Override
    public byte[] rememberFirst(String key, byte[] record) {
        byte[] earlier = records.putIfAbsent(key, record);
        return earlier == null ? record : earlier;
    }

    @Override
    public void forget(String key) {
        records.remove(key);
    }
}
