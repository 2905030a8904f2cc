package dev.limbeck.workers.common;

import io.temporal.worker.WorkerFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How a worker leaves: its tasks keep checkpoints and fail, so that other workers go on with them, and nobody waits for a heartbeat. */
public final class Shutdown {

    /** Work that reports progress stops with its next report. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    /** Work that does not is interrupted, which evaluations heed; what heeds nothing is left, and its task's heartbeat runs out. */
    private static final Duration LAST_PATIENCE = Duration.ofSeconds(8);

    private Shutdown() {}

    /** Returns within 25 s. */
    public static void of(WorkerFactory factory) {
        factory.shutdown();
        factory.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (!factory.isTerminated()) {
            factory.shutdownNow();
            factory.awaitTermination(LAST_PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }
}
