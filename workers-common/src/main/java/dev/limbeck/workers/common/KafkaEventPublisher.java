package dev.limbeck.workers.common;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.CloudEventSerializer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends CloudEvents in binary mode: attributes as headers, JSON as the record's value. */
public final class KafkaEventPublisher implements EventPublisher {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaEventPublisher.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final KafkaProducer<String, CloudEvent> producer;
    private final KafkaClientMetrics metrics;
    private final ObjectMapper json;
    private final URI source;
    private final Clock clock;

    /**
     * @param properties of a Kafka client, with {@code bootstrap.servers}
     * @param worker name of this process, the events' source
     */
    public KafkaEventPublisher(
            Map<String, Object> properties, String worker, ObjectMapper json, MeterRegistry registry, Clock clock) {
        this.json = requireNonNull(json, "json is null");
        this.clock = requireNonNull(clock, "clock is null");
        source = URI.create("/limbeck/worker/" + worker);
        Map<String, Object> settings = new HashMap<>(properties);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 20);
        // a run must not stand still for long where Kafka is away; events wait in the producer's buffer
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 2000);
        producer = new KafkaProducer<>(settings, new StringSerializer(), new CloudEventSerializer());
        metrics = new KafkaClientMetrics(producer);
        metrics.bindTo(registry);
    }

    /** Makes the topics that do not exist yet. */
    public static void createTopics(Map<String, Object> properties) {
        try (Admin admin = Admin.create(properties)) {
            for (Topic topic : Topic.values()) {
                NewTopic wanted = new NewTopic(topic.topicName(), 1, (short) 1);
                if (topic.compacted()) {
                    wanted.configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
                }
                create(admin, wanted);
            }
        }
    }

    private static void create(Admin admin, NewTopic topic) {
        try {
            admin.createTopics(List.of(topic)).all().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new IllegalStateException(
                        "topic " + topic.name() + " cannot be made: "
                                + e.getCause().getMessage(),
                        e);
            }
        } catch (TimeoutException e) {
            throw new IllegalStateException("Kafka does not answer; is it running at the given address?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void publish(Topic topic, String key, Object data) {
        try {
            producer.send(record(topic, key, data), (metadata, failure) -> {
                if (failure != null) {
                    LOG.warn("an event for {} was lost: {}", topic.topicName(), failure.getMessage());
                }
            });
        } catch (RuntimeException e) {
            LOG.warn("an event for {} was lost: {}", topic.topicName(), e.getMessage());
        }
    }

    @Override
    public void publishAndWait(Topic topic, String key, Object data) {
        try {
            producer.send(record(topic, key, data)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(
                    "an event for " + topic.topicName() + " could not be sent: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private ProducerRecord<String, CloudEvent> record(Topic topic, String key, Object data) {
        try {
            CloudEvent event = CloudEventBuilder.v1()
                    .withId(UUID.randomUUID().toString())
                    .withSource(source)
                    .withType(topic.eventType())
                    .withSubject(key)
                    .withTime(OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                    .withDataContentType("application/json")
                    .withData(json.writeValueAsBytes(data))
                    .build();
            return new ProducerRecord<>(topic.topicName(), key, event);
        } catch (IOException e) {
            throw new UncheckedIOException("an event cannot be written as JSON", e);
        }
    }

    @Override
    public void close() {
        metrics.close();
        producer.close(Duration.ofSeconds(5));
    }
}
