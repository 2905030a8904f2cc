package dev.limbeck.workflows;

/**
 * A network's latency on a device.
 *
 * @param valid whether duration, count and agreement of runs were as the protocol demands
 * @param integerKernelShare share of convolutions and matrix products that ran in integer kernels, 0 to 1
 * @param record digest of the whole measurement, with raw samples and machine state
 */
public record Measured(
        String network,
        String device,
        double p50Millis,
        double p90Millis,
        double p99Millis,
        boolean valid,
        double integerKernelShare,
        String record) {}
