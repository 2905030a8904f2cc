package dev.limbeck.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.DeviceState;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.ProgressEvent;
import dev.limbeck.workers.common.Topic;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.CloudEventDeserializer;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Follows a run's progress events, wherever its workers are, and what devices say of themselves. */
final class ProgressFeed implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(250);

    private final KafkaConsumer<String, CloudEvent> consumer;
    private final ObjectMapper json;
    private final String runId;
    private final Progress progress;
    private final Consumer<DeviceState> devices;
    private final Thread thread;

    /** @param properties of a Kafka client, with {@code bootstrap.servers} */
    ProgressFeed(
            Map<String, Object> properties,
            ObjectMapper json,
            String runId,
            Progress progress,
            Consumer<DeviceState> devices) {
        this.json = json;
        this.runId = runId;
        this.progress = progress;
        this.devices = devices;
        consumer =
                new KafkaConsumer<>(new HashMap<>(properties), new StringDeserializer(), new CloudEventDeserializer());
        List<TopicPartition> partitions = Stream.of(Topic.PROGRESS, Topic.DEVICES)
                .flatMap(topic -> consumer.partitionsFor(topic.topicName()).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        thread = Thread.ofPlatform().name("progress-feed").daemon().start(this::follow);
    }

    private void follow() {
        try (consumer) {
            while (true) {
                consumer.poll(POLL).forEach(this::show);
            }
        } catch (WakeupException e) {
            // closed
        }
    }

    private void show(ConsumerRecord<String, CloudEvent> entry) {
        boolean ofDevice = entry.topic().equals(Topic.DEVICES.topicName());
        if (!ofDevice && !runId.equals(entry.key())) {
            return;
        }
        try {
            if (ofDevice) {
                devices.accept(json.readValue(entry.value().getData().toBytes(), DeviceState.class));
                return;
            }
            ProgressEvent event = json.readValue(entry.value().getData().toBytes(), ProgressEvent.class);
            progress.report(event.step(), event.done(), event.total(), event.detail());
        } catch (IOException e) {
            progress.report("an event that cannot be read: " + e.getMessage(), 0, 0, "");
        }
    }

    @Override
    public void close() {
        consumer.wakeup();
        try {
            thread.join(Duration.ofSeconds(2));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
