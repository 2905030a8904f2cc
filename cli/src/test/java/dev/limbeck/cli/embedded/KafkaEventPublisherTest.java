package dev.limbeck.cli.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.ProgressEvent;
import dev.limbeck.workers.common.EventPublisher;
import dev.limbeck.workers.common.KafkaEventPublisher;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class KafkaEventPublisherTest extends EventPublisherContract {

    private static final Set<Topic> REMEMBERED = Set.of(Topic.MEASUREMENTS, Topic.DEVICES, Topic.REQUESTS);

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    @TempDir
    private static Path folder;

    private static EmbeddedKafka kafka;
    private static Metrics metrics;
    private static KafkaEventPublisher publisher;

    @BeforeAll
    static void start() {
        kafka = new EmbeddedKafka(folder);
        metrics = Metrics.unserved();
        KafkaEventPublisher.createTopics(client());
        publisher = new KafkaEventPublisher(client(), "host-1", JSON, metrics, CLOCK);
    }

    @AfterAll
    static void stop() {
        publisher.close();
        kafka.close();
        metrics.close();
    }

    @Test
    void theEnvelopeIsACloudEventInBinaryMode() {
        publisher.publishAndWait(Topic.PROGRESS, "envelope", new ProgressEvent("r", "s", "t", 1, 2, "", "w", "r/1"));
        ConsumerRecord<String, byte[]> entry =
                read(Topic.PROGRESS, "envelope", 1).getFirst();
        Map<String, String> headers = new TreeMap<>();
        StreamSupport.stream(entry.headers().spliterator(), false)
                .forEach(header -> headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        assertThat(headers.remove("ce_id")).isNotBlank();
        assertThat(headers.remove("ce_sequence")).matches("\\d{12}");
        assertThat(headers)
                .containsExactly(
                        Map.entry("ce_source", "/limbeck/worker/host-1"),
                        Map.entry("ce_specversion", "1.0"),
                        Map.entry("ce_subject", "envelope"),
                        Map.entry("ce_time", "2026-01-02T03:04:05Z"),
                        Map.entry("ce_type", "dev.limbeck.progress.v1"),
                        Map.entry("content-type", "application/json"));
    }

    @Test
    void whatIsRememberedIsCompacted() throws Exception {
        KafkaEventPublisher.createTopics(client());
        try (Admin admin = Admin.create(client())) {
            for (Topic topic : Topic.values()) {
                ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName());
                assertThat(admin.describeConfigs(List.of(resource))
                                .all()
                                .get()
                                .get(resource)
                                .get("cleanup.policy")
                                .value())
                        .as(topic.topicName())
                        .isEqualTo(REMEMBERED.contains(topic) ? "compact" : "delete");
            }
        }
    }

    @Test
    @Timeout(20)
    void workDoesNotWaitForAnAbsentBroker() {
        Map<String, Object> nowhere = Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + Ports.free());
        try (Metrics own = Metrics.unserved();
                KafkaEventPublisher lonely = new KafkaEventPublisher(nowhere, "host-1", JSON, own, CLOCK)) {
            Instant start = Instant.now();
            for (int i = 0; i < 5000; i++) {
                lonely.publish(Topic.PROGRESS, "r", new ProgressEvent("r", "s", "t", i, 2, "", "w", "r/1"));
            }
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(5));
            // the queue holds 2000, and one is being sent
            assertThat(own.registry().scrape()).contains("limbeck_events_lost_total{topic=\"limbeck.progress\"} 2999");
        }
    }

    @Test
    void aBrokerThatDoesNotAnswerIsNamed() {
        String address = "127.0.0.1:" + Ports.free();
        Map<String, Object> nowhere = Map.of(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
                address,
                CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG,
                500,
                CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG,
                1000);
        assertThatThrownBy(() -> KafkaEventPublisher.createTopics(nowhere))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("no Kafka broker answers at " + address)
                .hasMessageContaining("--kafka");
    }

    @Override
    protected EventPublisher publisher() {
        return publisher;
    }

    @Override
    protected List<Received> received(Topic topic, String keyPrefix, int count) {
        return read(topic, keyPrefix, count).stream()
                .map(entry -> new Received(entry.key(), parse(entry)))
                .toList();
    }

    private static JsonNode parse(ConsumerRecord<String, byte[]> entry) {
        try {
            return JSON.readTree(entry.value());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<ConsumerRecord<String, byte[]>> read(Topic topic, String keyPrefix, int count) {
        List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(client(), new StringDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(topic.topicName(), 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            Instant end = Instant.now().plusSeconds(10);
            while (found.size() < count && Instant.now().isBefore(end)) {
                consumer.poll(Duration.ofMillis(100)).forEach(entry -> {
                    if (entry.key().startsWith(keyPrefix)) {
                        found.add(entry);
                    }
                });
            }
        }
        return found;
    }

    private static Map<String, Object> client() {
        return Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka.address());
    }
}
