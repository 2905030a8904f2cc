package dev.limbeck.runtime;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a graph is run.
 *
 * @param threads intra-op threads, at least 1: those that share the work of one node
 * @param branches inter-op threads: nodes that run at the same time, each with the threads above; 1 runs one after the other
 * @param optimization how far the graph may be rewritten
 * @param provider whose kernels run
 * @param arena whether freed memory is kept for the next query
 * @param memoryPattern whether the memory of a query is laid out as in the one before
 * @param config further session settings by ONNX Runtime's own keys, such as {@code session.intra_op.allow_spinning}
 */
public record SessionOptions(
        int threads,
        int branches,
        Optimization optimization,
        Provider provider,
        boolean arena,
        boolean memoryPattern,
        Map<String, String> config) {

    public SessionOptions {
        if (threads < 1 || branches < 1) {
            throw new BadInputException(
                    "threads is " + threads + " and branches " + branches + ", but both must be at least 1");
        }
        requireNonNull(optimization, "optimization is null");
        requireNonNull(provider, "provider is null");
        config = Collections.unmodifiableMap(new TreeMap<>(config));
    }

    /** One thread, all optimizations, and else what ONNX Runtime does by itself. */
    public static SessionOptions defaults() {
        return new SessionOptions(1, 1, Optimization.ALL, Provider.CPU, true, true, Map.of());
    }

    /** In words: "2 threads, optimization extended, session.intra_op.allow_spinning=0". */
    public String describe() {
        List<String> words = new ArrayList<>();
        words.add(threads == 1 ? "1 thread" : threads + " threads");
        if (branches > 1) {
            words.add(branches + " branches at once");
        }
        if (optimization != Optimization.ALL) {
            words.add("optimization " + optimization.name().toLowerCase(Locale.ROOT));
        }
        if (provider != Provider.CPU) {
            words.add("provider " + provider);
        }
        if (!arena) {
            words.add("no arena");
        }
        if (!memoryPattern) {
            words.add("no memory pattern");
        }
        config.forEach((key, value) -> words.add(key + "=" + value));
        return String.join(", ", words);
    }

    public SessionOptions withThreads(int newThreads) {
        return new SessionOptions(newThreads, branches, optimization, provider, arena, memoryPattern, config);
    }

    public SessionOptions withBranches(int newBranches) {
        return new SessionOptions(threads, newBranches, optimization, provider, arena, memoryPattern, config);
    }

    public SessionOptions withOptimization(Optimization newOptimization) {
        return new SessionOptions(threads, branches, newOptimization, provider, arena, memoryPattern, config);
    }

    public SessionOptions withProvider(Provider newProvider) {
        return new SessionOptions(threads, branches, optimization, newProvider, arena, memoryPattern, config);
    }

    public SessionOptions withArena(boolean newArena) {
        return new SessionOptions(threads, branches, optimization, provider, newArena, memoryPattern, config);
    }

    public SessionOptions withMemoryPattern(boolean newMemoryPattern) {
        return new SessionOptions(threads, branches, optimization, provider, arena, newMemoryPattern, config);
    }

    public SessionOptions withConfig(String key, String value) {
        Map<String, String> entries = new TreeMap<>(config);
        entries.put(key, value);
        return new SessionOptions(threads, branches, optimization, provider, arena, memoryPattern, entries);
    }

    /** Sums of 8-bit products never saturate, as they do in the faster kernels of x86 processors without VNNI. */
    public SessionOptions withExactSums() {
        return withConfig("session.x64quantprecision", "1");
    }

    public SessionOptions withoutConfig(String key) {
        Map<String, String> entries = new TreeMap<>(config);
        entries.remove(key);
        return new SessionOptions(threads, branches, optimization, provider, arena, memoryPattern, entries);
    }
}
