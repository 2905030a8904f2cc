package dev.limbeck.cli.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.workers.common.DeviceRegistry;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.KafkaEventPublisher;
import dev.limbeck.workers.common.MeasurementLog;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersTest {

    private static final int UNREADABLE = 5;
    private static final int READERS = 3;

    @TempDir
    private Path folder;

    @Test
    void whatCannotBeReadIsPutAsideOnceHoweverManyReadIt() throws Exception {
        try (EmbeddedKafka kafka = new EmbeddedKafka(folder);
                Metrics metrics = Metrics.unserved();
                ExecutorService threads = Executors.newFixedThreadPool(READERS)) {
            Map<String, Object> client = Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka.address());
            KafkaEventPublisher.createTopics(client);
            String topic = Topic.MEASUREMENTS.topicName();
            try (KafkaProducer<String, byte[]> producer =
                    new KafkaProducer<>(client, new StringSerializer(), new ByteArraySerializer())) {
                for (int i = 0; i < UNREADABLE; i++) {
                    producer.send(new ProducerRecord<>(topic, "key " + i, bytes("not ours " + i)));
                }
            }

            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                readers.add(threads.submit(() -> read(client, metrics)));
            }
            for (Future<?> reader : readers) {
                reader.get();
            }
            read(client, metrics); // a restarted process

            List<ConsumerRecord<String, byte[]>> letters = letters(client);
            assertThat(letters).hasSize(UNREADABLE);
            ConsumerRecord<String, byte[]> letter = letters.get(3);
            assertThat(letter.value()).asString().isEqualTo("not ours 3");
            assertThat(header(letter, "original-topic")).isEqualTo(topic);
            assertThat(header(letter, "original-partition")).isEqualTo("0");
            assertThat(header(letter, "original-offset")).isEqualTo("3");
            assertThat(header(letter, "original-key")).isEqualTo("key 3");
            assertThat(header(letter, "reason")).isNotBlank();
            assertThat(metrics.registry().scrape())
                    .contains("limbeck_dead_letters_total{topic=\"limbeck.measurements\"} 5.0");
        }
    }

    private static void read(Map<String, Object> client, Metrics metrics) {
        try (KafkaEventPublisher events =
                        new KafkaEventPublisher(client, "test", Json.mapper(), metrics, Clock.systemUTC());
                MeasurementLog log = new MeasurementLog(client, events, Json.mapper(), metrics);
                DeviceRegistry registry = new DeviceRegistry(client, Json.mapper(), metrics, Clock.systemUTC())) {
            assertThat(log.find("key 1")).isEmpty();
            assertThat(registry.devices()).isEmpty();
        }
    }

    private static List<ConsumerRecord<String, byte[]>> letters(Map<String, Object> client) {
        List<ConsumerRecord<String, byte[]>> letters = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(client, new StringDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition("limbeck.dead-letters", 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(letters::add);
            }
        }
        return letters;
    }

    private static String header(ConsumerRecord<String, byte[]> letter, String name) {
        return new String(letter.headers().lastHeader("limbeck-dlt-" + name).value(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
