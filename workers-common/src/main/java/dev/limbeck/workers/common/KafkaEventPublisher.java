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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends CloudEvents in binary mode: attributes as headers, JSON as the record's value. */
public final class KafkaEventPublisher implements EventPublisher {

    /** Of one who waits for an event to be written. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** That a broker may be away before events are lost: for the first of a topic, of which nothing is known yet, as for all others. */
    private static final Duration ABSENCE = Duration.ofMinutes(2);

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
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ABSENCE.toMillis());
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.toIntExact(ABSENCE.toMillis()));
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
        send(topic, key, data).exceptionally(failure -> {
            losses.lost(topic, failure.getMessage());
            return null;
        });
    }

    @Override
    public void publishAndWait(Topic topic, String key, Object data) {
        try {
            send(topic, key, data).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw notSent(topic, e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw notSent(topic, "no broker has taken it in " + PATIENCE.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static IllegalStateException notSent(Topic topic, String reason, Exception cause) {
        return new IllegalStateException("an event for " + topic.topicName() + " could not be sent: " + reason, cause);
    }

    /** @return completed when the broker has it, or when it is given up */
    private CompletableFuture<Void> send(Topic topic, String key, Object data) {
        ProducerRecord<String, CloudEvent> event = event(topic, key, data);
        CompletableFuture<Void> sent = new CompletableFuture<>();
        boolean taken = sender.offer(() -> {
            try {
                producer.send(event, (metadata, failure) -> {
                    if (failure == null) {
                        sent.complete(null);
                    } else {
                        sent.completeExceptionally(failure);
                    }
                });
            } catch (RuntimeException e) {
                sent.completeExceptionally(e);
            }
        });
        if (!taken) {
            sent.completeExceptionally(new IllegalStateException("too many events wait for Kafka"));
        }
        return sent;
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
