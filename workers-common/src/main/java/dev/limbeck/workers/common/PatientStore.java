package dev.limbeck.workers.common;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.NoSpaceException;
import dev.limbeck.store.ArtifactStore;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityWorkerShutdownException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store whose writers wait while its disk is full, so that no run fails for want of space that somebody makes later. They are the
 * threads of activities: their tasks stay alive by heartbeats, which also bring cancellation.
 */
final class PatientStore implements ArtifactStore {

    private static final Logger LOG = LoggerFactory.getLogger(PatientStore.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final int TRIES_PER_WARNING = 12;

    private final ArtifactStore store;
    private final Metrics metrics;
    private final Duration interval;

    PatientStore(ArtifactStore store, Metrics metrics) {
        this(store, metrics, INTERVAL);
    }

    /** @param interval between two tries, shorter than that of the heartbeats that every task owes */
    PatientStore(ArtifactStore store, Metrics metrics, Duration interval) {
        this.store = requireNonNull(store, "store is null");
        this.metrics = requireNonNull(metrics, "metrics is null");
        this.interval = requireNonNull(interval, "interval is null");
    }

    @Override
    public String put(byte[] bytes) {
        return patiently(() -> store.put(bytes));
    }

    @Override
    public byte[] get(String digest) {
        return store.get(digest);
    }

    @Override
    public boolean contains(String digest) {
        return store.contains(digest);
    }

    @Override
    public Optional<byte[]> recall(String key) {
        return store.recall(key);
    }

    @Override
    public void remember(String key, byte[] record) {
        patiently(() -> {
            store.remember(key, record);
            return key;
        });
    }

    @Override
    public byte[] rememberFirst(String key, byte[] record) {
        return patiently(() -> store.rememberFirst(key, record));
    }

    @Override
    public void forget(String key) {
        store.forget(key);
    }

    @Override
    public void close() {
        store.close();
    }

    private <T> T patiently(Supplier<T> write) {
        try {
            return write.get();
        } catch (NoSpaceException e) {
            metrics.waitsForSpace().incrementAndGet();
            try {
                return whenThereIsSpace(write, e);
            } finally {
                metrics.waitsForSpace().decrementAndGet();
            }
        }
    }

    private <T> T whenThereIsSpace(Supplier<T> write, NoSpaceException first) {
        ActivityExecutionContext activity = Activity.getExecutionContext();
        NoSpaceException failure = first;
        for (int tries = 0; ; tries++) {
            if (tries % TRIES_PER_WARNING == 0) {
                LOG.warn("the store is full, and a task waits for space: {}", failure.getMessage());
            }
            pause(activity);
            try {
                return write.get();
            } catch (NoSpaceException e) {
                failure = e;
            }
        }
    }

    /** @throws CancellationException if the worker shuts down: the task fails, and another worker goes on, as with any other work */
    private void pause(ActivityExecutionContext activity) {
        try {
            activity.heartbeat("the store is full");
            Thread.sleep(interval);
        } catch (ActivityWorkerShutdownException | InterruptedException e) {
            // the flag stays away, for an interrupted thread cannot write its checkpoint
            throw new CancellationException("the worker shuts down while it waits for space in the store");
        }
    }
}
