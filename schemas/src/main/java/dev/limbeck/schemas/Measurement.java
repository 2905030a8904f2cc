package dev.limbeck.schemas;

/**
 * Data of an event on {@code limbeck.measurements}, which is the memory of all measurements.
 *
 * @param key what the latency depends on: digest of network, device class, runtime, system and settings
 * @param network digest of the graph
 * @param device that measured
 * @param runtime name and version
 * @param settings threads, batch and effort, in words
 * @param integerKernelShare share of convolutions and matrix products in integer kernels, 0 to 1
 * @param record digest of the artifact with raw samples and machine state
 */
public record Measurement(
        String key,
        String network,
        String deviceClass,
        String device,
        String runtime,
        String settings,
        double p50Millis,
        double p90Millis,
        double p99Millis,
        boolean valid,
        double integerKernelShare,
        String record) {}
