package dev.limbeck.runtime;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a graph is run.
 *
 * @param threads intra-op threads, at least 1
 * @param optimization how far the graph may be rewritten
 * @param config further session settings by ONNX Runtime's own keys, such as {@code session.intra_op.allow_spinning}
 */
public record SessionOptions(int threads, Optimization optimization, Map<String, String> config) {

    public SessionOptions {
        if (threads < 1) {
            throw new BadInputException("threads is " + threads + ", but must be at least 1");
        }
        requireNonNull(optimization, "optimization is null");
        config = Map.copyOf(config);
    }

    /** One thread, all optimizations. */
    public static SessionOptions defaults() {
        return new SessionOptions(1, Optimization.ALL, Map.of());
    }

    public SessionOptions withThreads(int newThreads) {
        return new SessionOptions(newThreads, optimization, config);
    }

    public SessionOptions withOptimization(Optimization newOptimization) {
        return new SessionOptions(threads, newOptimization, config);
    }

    public SessionOptions withConfig(String key, String value) {
        Map<String, String> entries = new TreeMap<>(config);
        entries.put(key, value);
        return new SessionOptions(threads, optimization, entries);
    }
}
