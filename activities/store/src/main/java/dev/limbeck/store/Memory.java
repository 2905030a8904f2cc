package dev.limbeck.store;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Remembers what a stage made under the digest of (stage, version, inputs, parameters), so that nothing is computed twice.
 */
public final class Memory {

    private final ArtifactStore store;
    private final ObjectMapper json;

    public Memory(ArtifactStore store, ObjectMapper json) {
        this.store = requireNonNull(store, "store is null");
        this.json = requireNonNull(json, "json is null");
    }

    /** Looks a result up without computing it. */
    public <T> Optional<T> find(String key, Class<T> type) {
        return store.recall(key).map(bytes -> read(key, bytes, type));
    }

    private <T> T read(String key, byte[] bytes, Class<T> type) {
        try {
            return json.readValue(bytes, type);
        } catch (IOException e) {
            throw new UncheckedIOException("the result remembered under " + key + " cannot be read", e);
        }
    }

    /** The remembered result, or a new one, which is then remembered; where another process was faster, that one's. */
    public <T> T once(String key, Class<T> type, Supplier<T> compute) {
        return find(key, type).orElseGet(() -> {
            T result = compute.get();
            try {
                byte[] record = json.writeValueAsBytes(result);
                byte[] kept = store.rememberFirst(key, record);
                return Arrays.equals(kept, record) ? result : read(key, kept, type);
            } catch (JsonProcessingException e) {
                throw new UncheckedIOException("the result of " + key + " cannot be written as JSON", e);
            }
        });
    }
}
