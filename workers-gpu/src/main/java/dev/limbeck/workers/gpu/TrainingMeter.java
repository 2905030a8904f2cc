package dev.limbeck.workers.gpu;

import dev.limbeck.schemas.Progress;
import dev.limbeck.workers.common.Metrics;
import java.util.HashMap;
import java.util.Map;

/** Passes progress on, and counts the images that training steps have seen. */
final class TrainingMeter implements Progress {

    private final Progress next;
    private final Metrics metrics;
    private final Map<String, Long> seen = new HashMap<>();

    TrainingMeter(Progress next, Metrics metrics) {
        this.next = next;
        this.metrics = metrics;
    }

    @Override
    public synchronized void report(String step, long done, long total, String detail) {
        if (step.startsWith("distil") || step.startsWith("train")) {
            long before = seen.getOrDefault(step, 0L);
            metrics.imagesTrained(Math.max(0, done - before));
            seen.put(step, done);
        }
        next.report(step, done, total, detail);
    }
}
