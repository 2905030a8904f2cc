package dev.limbeck.measure;

import static java.util.Objects.requireNonNull;

/**
 * One uninterrupted series of queries.
 *
 * @param samplesMillis latency of each query, in the order they ran; not to be written to
 * @param durationMillis from the first query's start to the last one's end
 */
public record LatencyRun(float[] samplesMillis, double durationMillis) {

    public LatencyRun {
        requireNonNull(samplesMillis, "samplesMillis is null");
        if (samplesMillis.length == 0) {
            throw new IllegalArgumentException("a run without queries has no latency");
        }
    }

    public int count() {
        return samplesMillis.length;
    }

    public double medianMillis() {
        return Percentiles.of(Percentiles.sorted(samplesMillis), 0.5);
    }
}
