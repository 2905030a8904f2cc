package dev.limbeck.workers.common;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.BadInputException;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.CloudEventSerializer;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends CloudEvents in binary mode: attributes as headers, JSON as the record's value. */
public final class KafkaEventPublisher implements EventPublisher {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final KafkaProducer<String, CloudEvent> producer;
    private final KafkaClientMetrics clientMetrics;
    private final EventEnvelope envelope;
    private final EventSender sender = new EventSender();
    private final LossReport losses;

    /**
     * @param properties of a Kafka client, with {@code bootstrap.servers}
     * @param worker name of this process, the events' source
     */
    public KafkaEventPublisher(
            Map<String, Object> properties, String worker, ObjectMapper json, Metrics metrics, Clock clock) {
        envelope = new EventEnvelope(worker, json, clock);
        losses = new LossReport(metrics, clock);
        Map<String, Object> settings = new HashMap<>(properties);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE.toMillis());
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 8 << 20);
        producer = new KafkaProducer<>(settings, new StringSerializer(), new CloudEventSerializer());
        clientMetrics = new KafkaClientMetrics(producer);
        clientMetrics.bindTo(metrics.registry());
    }

    /**
     * Makes the topics that do not exist yet.
     *
     * @throws BadInputException if no broker answers at the address
     */
    public static void createTopics(Map<String, Object> properties) {
        Topics.create(properties);
    }

    @Override
    public void publish(Topic topic, String key, Object data) {
        ProducerRecord<String, CloudEvent> event = event(topic, key, data);
        if (!sender.offer(() -> send(topic, event))) {
            losses.lost(topic, "too many events wait for Kafka");
        }
    }

    private void send(Topic topic, ProducerRecord<String, CloudEvent> event) {
        try {
            producer.send(event, (metadata, failure) -> {
                if (failure != null) {
                    losses.lost(topic, failure.getMessage());
                }
            });
        } catch (RuntimeException e) {
            losses.lost(topic, e.getMessage());
        }
    }

    @Override
    public void publishAndWait(Topic topic, String key, Object data) {
        try {
            producer.send(event(topic, key, data)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    "an event for " + topic.topicName() + " could not be sent: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private ProducerRecord<String, CloudEvent> event(Topic topic, String key, Object data) {
        return new ProducerRecord<>(topic.topicName(), key, envelope.wrap(topic, key, data));
    }

    @Override
    public void close() {
        sender.close();
        clientMetrics.close();
        producer.close(Duration.ofSeconds(5));
    }
}
