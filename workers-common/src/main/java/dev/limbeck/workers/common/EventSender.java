package dev.limbeck.workers.common;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Hands events to Kafka on a thread of its own, in order. Where Kafka is away a send blocks; then this thread waits, and not the work
 * that has something to say. A full queue refuses events.
 */
final class EventSender implements AutoCloseable {

    private static final int QUEUE = 2000;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE), EventSender::daemon);

    private static Thread daemon(Runnable work) {
        return Thread.ofPlatform().name("event-sender").daemon().unstarted(work);
    }

    /** @return false if the event cannot be taken */
    boolean offer(Runnable send) {
        try {
            thread.execute(send);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    @Override
    public void close() {
        thread.shutdown();
        try {
            thread.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.shutdownNow();
    }
}
