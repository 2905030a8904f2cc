package dev.limbeck.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/** The runs of one network so far, and whether more are needed. */
final class RunSeries {

    private static final double NANOS_PER_MILLI = 1e6;

    private final LatencyProtocol protocol;
    private final LongSupplier nanoTime;
    private final Runnable query;
    private final List<LatencyRun> runs = new ArrayList<>();
    private float[] buffer = new float[1024];

    RunSeries(LatencyProtocol protocol, LongSupplier nanoTime, Runnable query) {
        this.protocol = protocol;
        this.nanoTime = nanoTime;
        this.query = query;
    }

    /** Queries whose times are thrown away, until both the time and the count are reached, or the maximum of a run. */
    void warmUp() {
        long start = nanoTime.getAsLong();
        long elapsed = 0;
        for (int count = 0;
                (count < protocol.warmUpCount() || elapsed < protocol.warmUp().toNanos())
                        && elapsed < protocol.maximumDuration().toNanos();
                count++) {
            query.run();
            elapsed = nanoTime.getAsLong() - start;
        }
    }

    void run() {
        long minimum = protocol.minimumDuration().toNanos();
        long maximum = protocol.maximumDuration().toNanos();
        int count = 0;
        long start = nanoTime.getAsLong();
        long last = start;
        do {
            query.run();
            long now = nanoTime.getAsLong();
            if (count == buffer.length) {
                buffer = Arrays.copyOf(buffer, 2 * count);
            }
            buffer[count++] = (float) ((now - last) / NANOS_PER_MILLI);
            last = now;
        } while ((last - start < minimum || count < protocol.minimumCount()) && last - start < maximum);
        runs.add(new LatencyRun(Arrays.copyOf(buffer, count), (last - start) / NANOS_PER_MILLI));
    }

    boolean done() {
        return agree() || runs.size() >= protocol.maximumRuns();
    }

    boolean agree() {
        return agree(runs, protocol);
    }

    /** Whether the medians of the last runs agree. */
    static boolean agree(List<LatencyRun> runs, LatencyProtocol protocol) {
        if (runs.size() < protocol.runs()) {
            return false;
        }
        double[] medians = runs.subList(runs.size() - protocol.runs(), runs.size()).stream()
                .mapToDouble(LatencyRun::medianMillis)
                .sorted()
                .toArray();
        return medians[medians.length - 1] <= medians[0] * (1 + protocol.agreement());
    }

    List<LatencyRun> runs() {
        return runs;
    }
}
