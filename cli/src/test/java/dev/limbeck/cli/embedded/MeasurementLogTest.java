package dev.limbeck.cli.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.Measurement;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.KafkaEventPublisher;
import dev.limbeck.workers.common.MeasurementLog;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasurementLogTest {

    private static final ObjectMapper JSON = Json.mapper();

    @TempDir
    private Path folder;

    private EmbeddedKafka kafka;
    private Metrics metrics;
    private KafkaEventPublisher events;

    @BeforeEach
    void start() {
        metrics = Metrics.unserved();
        kafka = new EmbeddedKafka(folder);
        KafkaEventPublisher.createTopics(client());
        events = publisher();
    }

    @AfterEach
    void stop() {
        events.close();
        kafka.close();
        metrics.close();
    }

    @Test
    void whatOneProcessMeasuredAnotherOneFinds() {
        try (MeasurementLog here = log();
                MeasurementLog there = log()) {
            assertThat(there.find("a")).isEmpty();
            here.append(measurement("a", 1));
            assertThat(here.find("a")).contains(measurement("a", 1));
            assertThat(there.find("a")).contains(measurement("a", 1));
            there.append(measurement("a", 2));
            assertThat(here.find("a")).as("the newest counts").contains(measurement("a", 2));
            assertThat(here.find("b")).isEmpty();
        }
    }

    @Test
    void measurementsOutliveTheBroker() {
        try (MeasurementLog log = log()) {
            log.append(measurement("a", 1));
        }
        events.close();
        kafka.close();
        kafka = new EmbeddedKafka(folder);
        events = publisher();
        try (MeasurementLog log = log()) {
            assertThat(log.find("a")).contains(measurement("a", 1));
        }
    }

    @Test
    void foreignRecordsAreSkippedAndCountedAndEmptyOnesForget() {
        try (MeasurementLog log = log();
                KafkaProducer<String, byte[]> producer =
                        new KafkaProducer<>(client(), new StringSerializer(), new ByteArraySerializer())) {
            log.append(measurement("a", 1));
            log.append(measurement("b", 1));
            String topic = Topic.MEASUREMENTS.topicName();
            producer.send(new ProducerRecord<>(topic, "b", "not ours".getBytes(StandardCharsets.UTF_8)));
            producer.send(new ProducerRecord<>(topic, "a", null));
            producer.flush();
            events.publishAndWait(Topic.MEASUREMENTS, "b", Map.of("something", "else"));
            assertThat(log.find("a")).isEmpty();
            assertThat(log.find("b")).contains(measurement("b", 1));
        }
        assertThat(metrics.registry().scrape())
                .contains("limbeck_records_unreadable_total{topic=\"limbeck.measurements\"} 2.0");
    }

    private MeasurementLog log() {
        return new MeasurementLog(client(), events, JSON, metrics);
    }

    private KafkaEventPublisher publisher() {
        return new KafkaEventPublisher(client(), "test", JSON, metrics, Clock.systemUTC());
    }

    private Map<String, Object> client() {
        return Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka.address());
    }

    private static Measurement measurement(String key, double millis) {
        return new Measurement(
                key, "network", "local", "device", "runtime", "threads 1", millis, millis, millis, true, 1, "record");
    }
}
