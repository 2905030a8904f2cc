package dev.limbeck.workers.common;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts records that cannot be read on {@value #TOPIC}, each exactly once, however many processes come across it and however often.
 *
 * <p>All processes share one transactional id, so that at most one of them writes at a time: whoever begins a transaction fences the
 * one before, which then begins anew. Inside a transaction only what is not on the topic yet is written.
 */
final class DeadLetters {

    static final String TOPIC = "limbeck.dead-letters";

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);
    private static final String WRITER = "limbeck-dead-letters";
    private static final int ATTEMPTS = 20;
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<String, Object> properties;
    private final Metrics metrics;

    /** @param properties of a Kafka client, with {@code bootstrap.servers} */
    DeadLetters(Map<String, Object> properties, Metrics metrics) {
        this.properties = Map.copyOf(properties);
        this.metrics = metrics;
    }

    /** Where that fails it is said, and nothing else: the records stay where they are, and the next reader tries again. */
    void add(Topic topic, List<DeadLetter> letters) {
        try {
            if (!missing(letters).isEmpty()) {
                write(topic, letters);
            }
        } catch (RuntimeException e) {
            LOG.warn("{} records cannot be put on {}: {}", letters.size(), TOPIC, e.getMessage());
        }
    }

    private void write(Topic topic, List<DeadLetter> letters) {
        for (int attempt = 1; ; attempt++) {
            try (KafkaProducer<String, byte[]> producer = producer()) {
                producer.initTransactions();
                List<DeadLetter> missing = missing(letters);
                producer.beginTransaction();
                missing.forEach(letter -> producer.send(letter.toRecord()));
                producer.commitTransaction();
                missing.forEach(letter -> metrics.deadLetter(topic));
                return;
            } catch (KafkaException e) { // another process has begun a transaction
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                pause(attempt);
            }
        }
    }

    /** Of different lengths in different processes, or they would fence one another for ever. */
    private static void pause(int attempt) {
        try {
            Thread.sleep((long) (attempt * 50 * (1 + Math.random())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private KafkaProducer<String, byte[]> producer() {
        Map<String, Object> settings = new HashMap<>(properties);
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, WRITER);
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    private List<DeadLetter> missing(List<DeadLetter> letters) {
        Set<String> known = places();
        return letters.stream()
                .filter(letter -> !known.contains(letter.place()))
                .toList();
    }

    private Set<String> places() {
        Map<String, Object> settings = new HashMap<>(properties);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        Set<String> places = new HashSet<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(TOPIC).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long end = System.nanoTime() + PATIENCE.toNanos();
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(last -> consumer.position(last.getKey()) < last.getValue())) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException("Kafka does not give the records of " + TOPIC);
                }
                consumer.poll(POLL).forEach(letter -> places.add(letter.key()));
            }
        }
        return places;
    }
}
