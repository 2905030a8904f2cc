package dev.limbeck.workers.common;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.cloudevents.kafka.CloudEventDeserializer;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest record of every key on a compacted topic. Each look first reads what has been written since the last one. Records that
 * cannot be read are skipped with a warning and put on {@value DeadLetters#TOPIC}. One thread at a time may look; any may put.
 */
final class NewestRecords<T> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NewestRecords.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Topic topic;
    private final Function<T, String> key;
    private final ObjectReader reader;
    private final Metrics metrics;
    private final KafkaConsumer<String, byte[]> consumer;
    private final CloudEventDeserializer envelope = new CloudEventDeserializer();
    private final KafkaClientMetrics clientMetrics;
    private final List<TopicPartition> partitions;
    private final Map<String, T> newest = new ConcurrentHashMap<>();
    private final DeadLetters deadLetters;
    private final List<DeadLetter> unreadable = new ArrayList<>();

    /**
     * @param properties of a Kafka client, with {@code bootstrap.servers}
     * @param key that a record must lie under
     */
    NewestRecords(
            Map<String, Object> properties,
            Topic topic,
            Class<T> type,
            Function<T, String> key,
            ObjectMapper json,
            Metrics metrics) {
        this.topic = requireNonNull(topic, "topic is null");
        this.key = requireNonNull(key, "key is null");
        this.metrics = requireNonNull(metrics, "metrics is null");
        deadLetters = new DeadLetters(properties, metrics);
        // fields that a newer version has added are passed over
        reader = json.readerFor(type).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        Map<String, Object> settings = new HashMap<>(properties);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        // a fetch that waits for news holds back the question where the log ends, which goes over the same connection
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 5);
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000);
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 8 << 20);
        // values are decoded one by one below: a decoder inside the consumer would stop it at the first foreign record
        consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
        clientMetrics = new KafkaClientMetrics(consumer);
        clientMetrics.bindTo(metrics.registry());
        partitions = consumer.partitionsFor(topic.topicName()).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** By key, with everything that is on the topic now. Not to be changed by others than {@link #put}. */
    Map<String, T> now() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        long lastNews = System.nanoTime();
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            ConsumerRecords<String, byte[]> records = consumer.poll(POLL);
            records.forEach(this::take);
            if (!records.isEmpty()) {
                lastNews = System.nanoTime();
            } else if (System.nanoTime() - lastNews > PATIENCE.toNanos()) {
                throw new IllegalStateException("Kafka does not give the records of " + topic.topicName());
            }
        }
        if (!unreadable.isEmpty()) {
            deadLetters.add(topic, unreadable);
            unreadable.clear();
        }
        return newest;
    }

    /** What this process has just written itself. */
    void put(T entry) {
        newest.put(key.apply(entry), entry);
    }

    private void take(ConsumerRecord<String, byte[]> entry) {
        if (entry.value() == null) {
            Optional.ofNullable(entry.key()).ifPresent(newest::remove);
            return;
        }
        try {
            put(read(entry));
        } catch (IOException | RuntimeException e) {
            metrics.recordUnreadable(topic);
            String reason = e.getMessage() == null
                    ? e.toString()
                    : e.getMessage().lines().findFirst().orElse("");
            unreadable.add(new DeadLetter(entry, reason));
            LOG.warn("record {} of {} cannot be read and is skipped: {}", entry.offset(), entry.topic(), reason);
        }
    }

    private T read(ConsumerRecord<String, byte[]> entry) throws IOException {
        T read = reader.readValue(data(entry));
        if (!key.apply(read).equals(entry.key())) {
            throw new IOException("it is no record of " + topic.schema() + " under the key " + entry.key());
        }
        return read;
    }

    /** In CloudEvents' binary mode the value is the data; taking the whole event apart takes longer than all the rest. */
    private byte[] data(ConsumerRecord<String, byte[]> entry) throws IOException {
        Header type = entry.headers().lastHeader("ce_type");
        if (type == null) {
            return envelope.deserialize(entry.topic(), entry.headers(), entry.value())
                    .getData()
                    .toBytes();
        }
        if (!topic.eventType().equals(new String(type.value(), StandardCharsets.UTF_8))) {
            throw new IOException("it is no event of type " + topic.eventType());
        }
        return entry.value();
    }

    @Override
    public void close() {
        clientMetrics.close();
        consumer.close();
    }
}
