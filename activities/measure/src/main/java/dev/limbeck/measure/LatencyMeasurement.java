package dev.limbeck.measure;

import static java.util.Objects.requireNonNull;

import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.runtime.SessionOptions;
import java.util.List;

/**
 * A latency, with all that is needed to judge it. Times are in milliseconds; the statistics are over the runs that count: the last
 * ones, which agree, or all of them where none agreed.
 *
 * @param model digest of the graph that ran
 * @param batch items of a query
 * @param p50Millis median of all samples that count
 * @param runs every run, also those before the runs agreed, with its raw samples in order
 * @param countedRuns how many of the last runs the statistics are over
 * @param minDurationMet every counted run lasted at least the minimum duration
 * @param minCountMet every counted run has at least the minimum count
 * @param runsAgree the medians of the counted runs lie within the protocol's agreement
 */
public record LatencyMeasurement(
        String model,
        long batch,
        LatencyProtocol protocol,
        SessionOptions settings,
        RuntimeVersion runtime,
        double p50Millis,
        double p90Millis,
        double p99Millis,
        double meanMillis,
        int count,
        List<LatencyRun> runs,
        int countedRuns,
        boolean minDurationMet,
        boolean minCountMet,
        boolean runsAgree,
        MachineState before,
        MachineState after) {

    public LatencyMeasurement {
        requireNonNull(model, "model is null");
        requireNonNull(protocol, "protocol is null");
        requireNonNull(settings, "settings is null");
        requireNonNull(runtime, "runtime is null");
        requireNonNull(before, "before is null");
        requireNonNull(after, "after is null");
        runs = List.copyOf(runs);
    }

    /** Whether the figure may be reported without a warning: all of the protocol's conditions hold. */
    public boolean valid() {
        return minDurationMet && minCountMet && runsAgree;
    }

    public List<Double> runMediansMillis() {
        return runs.stream().map(LatencyRun::medianMillis).toList();
    }

    /** Raw samples of the runs that count, in the order they ran. */
    public float[] samplesMillis() {
        return join(runs.subList(runs.size() - countedRuns, runs.size()));
    }

    static float[] join(List<LatencyRun> runs) {
        float[] all = new float[runs.stream().mapToInt(LatencyRun::count).sum()];
        int position = 0;
        for (LatencyRun run : runs) {
            System.arraycopy(run.samplesMillis(), 0, all, position, run.count());
            position += run.count();
        }
        return all;
    }
}
