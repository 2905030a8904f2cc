package dev.limbeck.workers.gpu;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.store.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Supplier;

/** Graphs and JSON records in the artifact store, and results remembered there. */
final class Artifacts {

    private final ArtifactStore store;
    private final ObjectMapper json;
    private final Memory memory;

    Artifacts(ArtifactStore store, ObjectMapper json) {
        this.store = requireNonNull(store, "store is null");
        this.json = requireNonNull(json, "json is null");
        this.memory = new Memory(store, json);
    }

    ArtifactStore store() {
        return store;
    }

    Graph graph(String digest) {
        return Graph.parse(store.get(digest), "network " + digest.substring(0, 12));
    }

    /** How many there are of an artifact, such as a network's file. */
    long bytes(String digest) {
        return store.get(digest).length;
    }

    /** @return digest */
    String put(Graph graph) {
        return store.put(graph.toBytes());
    }

    TensorArtifact put(FloatTensor tensor) {
        ByteBuffer bytes =
                ByteBuffer.allocate(tensor.data().length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(tensor.data());
        return new TensorArtifact(store.put(bytes.array()), tensor.shape());
    }

    FloatTensor tensor(TensorArtifact artifact) {
        ByteBuffer bytes = ByteBuffer.wrap(store.get(artifact.digest())).order(ByteOrder.LITTLE_ENDIAN);
        float[] data = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(data);
        return new FloatTensor(data, artifact.shape());
    }

    /** @return digest */
    String putJson(Object value) {
        try {
            return store.put(json.writeValueAsBytes(value));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot be written as JSON: " + value, e);
        }
    }

    <T> T getJson(String digest, Class<T> type) {
        try {
            return json.readValue(store.get(digest), type);
        } catch (IOException e) {
            throw new UncheckedIOException("artifact " + digest + " is no " + type.getSimpleName(), e);
        }
    }

    /** The JSON of a value, for keys: equal values have equal texts. */
    String text(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot be written as JSON: " + value, e);
        }
    }

    <T> T once(String key, Class<T> type, Supplier<T> compute) {
        return memory.once(key, type, compute);
    }
}
