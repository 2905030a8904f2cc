package dev.limbeck.store;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
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
        return store.recall(key).map(bytes -> {
            try {
                return json.readValue(bytes, type);
            } catch (IOException e) {
                throw new UncheckedIOException("the result remembered under " + key + " cannot be read", e);
            }
        });
    }

    /** The remembered result, or a new one, which is then remembered. */
    public <T> T once(String key, Class<T> type, Supplier<T> compute) {
        return find(key, type).orElseGet(() -> {
            T result = compute.get();
            try {
                store.remember(key, json.writeValueAsBytes(result));
            } catch (IOException e) {
                throw new UncheckedIOException("the result of " + key + " cannot be written as JSON", e);
            }
            return result;
        });
    }
}
