package dev.limbeck.workers.gpu;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.Progress;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Repeats the last report now and then, so that heartbeats go on in steps that say nothing for longer than a heartbeat may stay out:
 * the weights of one large layer may take minutes.
 */
final class SteadyProgress implements Progress, AutoCloseable {

    private final Progress progress;
    private final ScheduledExecutorService timer;
    private volatile Runnable last = () -> {};

    SteadyProgress(Progress progress, Duration interval) {
        this.progress = requireNonNull(progress, "progress is null");
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("steady-progress").daemon().factory());
        // A heartbeat of a cancelled activity throws, which ends the repeating; the work meets the same with its next
        // report.
        timer.scheduleWithFixedDelay(() -> last.run(), interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void report(String step, long done, long total, String detail) {
        last = () -> progress.report(step, done, total, detail);
        progress.report(step, done, total, detail);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
