package dev.limbeck.schemas;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * How ONNX Runtime runs a network, as {@code limbeck tune} writes it.
 *
 * @param threads that share the work of one node
 * @param branches nodes that run at the same time
 * @param optimization "ALL", "EXTENDED" or "BASIC": how far the graph may be rewritten
 * @param provider whose kernels run, such as "CPU"
 * @param arena whether freed memory is kept for the next query
 * @param memoryPattern whether the memory of a query is laid out as in the one before
 * @param config further settings by ONNX Runtime's own keys
 */
public record RuntimeSettings(
        int threads,
        int branches,
        String optimization,
        String provider,
        boolean arena,
        boolean memoryPattern,
        Map<String, String> config) {

    public RuntimeSettings {
        config = config == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(config));
    }
}
