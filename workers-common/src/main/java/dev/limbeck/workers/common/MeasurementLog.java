package dev.limbeck.workers.common;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.Measurement;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory of all measurements: the newest record of every key on the compacted topic {@code limbeck.measurements}.
 *
 * <p>Each look first reads what has been written since the last one, so measurements of other workers are seen too. Records that
 * cannot be read are skipped with a warning and become dead letters.
 */
public final class MeasurementLog implements Measurements, AutoCloseable {

    private final NewestRecords<Measurement> records;
    private final EventPublisher events;
    private final AtomicLong looks = new AtomicLong();
    private Map<String, Measurement> newest = Map.of();

    /** @param properties of a Kafka client, with {@code bootstrap.servers} */
    public MeasurementLog(Map<String, Object> properties, EventPublisher events, ObjectMapper json, Metrics metrics) {
        this.events = requireNonNull(events, "events is null");
        records =
                new NewestRecords<>(properties, Topic.MEASUREMENTS, Measurement.class, Measurement::key, json, metrics);
    }

    /** Of threads that wait for one another, the first to look that began after a call looks for that call too. */
    @Override
    public Optional<Measurement> find(String key) {
        long before = looks.get();
        synchronized (this) {
            if (looks.get() == before) {
                looks.incrementAndGet();
                newest = records.now();
            }
            return Optional.ofNullable(newest.get(key));
        }
    }

    @Override
    public void append(Measurement measurement) {
        events.publishAndWait(Topic.MEASUREMENTS, measurement.key(), measurement);
        records.put(measurement);
    }

    @Override
    public synchronized void close() {
        records.close();
    }
}
