package dev.limbeck.workers.common;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.Measurement;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.CloudEventDeserializer;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory of all measurements: the newest record of every key on the compacted topic {@code limbeck.measurements}.
 *
 * <p>Each look first reads what has been written since the last one, so measurements of other workers are seen too. Records that
 * cannot be read are skipped with a warning.
 */
public final class MeasurementLog implements Measurements, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MeasurementLog.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final KafkaConsumer<String, byte[]> consumer;
    private final CloudEventDeserializer envelope = new CloudEventDeserializer();
    private final KafkaClientMetrics clientMetrics;
    private final Metrics metrics;
    private final EventPublisher events;
    private final ObjectMapper json;
    private final List<TopicPartition> partitions;
    private final Map<String, Measurement> newest = new HashMap<>();

    /** @param properties of a Kafka client, with {@code bootstrap.servers} */
    public MeasurementLog(Map<String, Object> properties, EventPublisher events, ObjectMapper json, Metrics metrics) {
        this.metrics = requireNonNull(metrics, "metrics is null");
        this.events = requireNonNull(events, "events is null");
        this.json = requireNonNull(json, "json is null");
        Map<String, Object> settings = new HashMap<>(properties);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        // values are decoded one by one below: a decoder inside the consumer would stop it at the first foreign record
        consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
        clientMetrics = new KafkaClientMetrics(consumer);
        clientMetrics.bindTo(metrics.registry());
        partitions = consumer.partitionsFor(Topic.MEASUREMENTS.topicName()).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    @Override
    public synchronized Optional<Measurement> find(String key) {
        catchUp();
        return Optional.ofNullable(newest.get(key));
    }

    @Override
    public synchronized void append(Measurement measurement) {
        events.publishAndWait(Topic.MEASUREMENTS, measurement.key(), measurement);
        newest.put(measurement.key(), measurement);
    }

    private void catchUp() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        long lastNews = System.nanoTime();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
            records.forEach(this::take);
            if (!records.isEmpty()) {
                lastNews = System.nanoTime();
            } else if (System.nanoTime() - lastNews > PATIENCE.toNanos()) {
                throw new IllegalStateException("Kafka does not give the records of " + Topic.MEASUREMENTS.topicName());
            }
        }
    }

    private void take(ConsumerRecord<String, byte[]> entry) {
        if (entry.value() == null) {
            newest.remove(entry.key());
            return;
        }
        try {
            Measurement measurement = read(entry);
            newest.put(measurement.key(), measurement);
        } catch (IOException | RuntimeException e) {
            metrics.recordUnreadable(Topic.MEASUREMENTS);
            LOG.warn(
                    "record {} of {} cannot be read and is skipped: {}",
                    entry.offset(),
                    entry.topic(),
                    e.getMessage().lines().findFirst().orElse(""));
        }
    }

    /** Fields that a newer version has added are passed over. */
    private Measurement read(ConsumerRecord<String, byte[]> entry) throws IOException {
        CloudEvent event = envelope.deserialize(entry.topic(), entry.headers(), entry.value());
        Measurement measurement = json.readerFor(Measurement.class)
                .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .readValue(event.getData().toBytes());
        if (!entry.key().equals(measurement.key())) {
            throw new IOException("it is no measurement under the key " + entry.key());
        }
        return measurement;
    }

    @Override
    public synchronized void close() {
        clientMetrics.close();
        consumer.close();
    }
}
