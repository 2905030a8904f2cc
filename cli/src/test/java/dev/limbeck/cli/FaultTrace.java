package dev.limbeck.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.limbeck.schemas.ProgressEvent;
import dev.limbeck.store.FolderStore;
import dev.limbeck.workers.common.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * What a run has left behind.
 *
 * @param results without what differs between any two runs: times, and names of processes and devices
 * @param events ids of all events
 * @param lostEvents numbers that are missing among those of a source on a topic
 * @param measuredTwice keys under which more than one measurement was written
 * @param trainedAgain what was trained more than once
 * @param files that were left half-written
 */
record FaultTrace(
        JsonNode results,
        Set<String> events,
        List<String> lostEvents,
        Set<String> measuredTwice,
        TrainedAgain trainedAgain,
        List<Path> files) {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Set<String> DIFFERENT = Set.of(
            "createdAt", "spec", "timeline", "machines", "worker", "device", "deviceNames", "limbeckCommit", "record");

    /** @param name of the run */
    static FaultTrace of(Path folder, String name, Path store, String brokerAddress) throws IOException {
        JsonNode results = JSON.readTree(
                folder.resolve("runs").resolve(name).resolve("results.json").toFile());
        strip(results);
        Set<String> ids = new HashSet<>();
        Map<String, TreeSet<Long>> sequences = new HashMap<>();
        Map<String, Integer> measurements = new HashMap<>();
        for (ConsumerRecord<String, byte[]> each : records(brokerAddress, Topic.values())) {
            ids.add(header(each, "ce_id"));
            sequences
                    .computeIfAbsent(each.topic() + " " + header(each, "ce_source"), key -> new TreeSet<>())
                    .add(Long.valueOf(header(each, "ce_sequence")));
            if (each.topic().equals(Topic.MEASUREMENTS.topicName())) {
                measurements.merge(each.key(), 1, Integer::sum);
            }
        }
        List<String> lost = sequences.entrySet().stream()
                .filter(source -> source.getValue().size() != source.getValue().last())
                .map(source -> source.getKey() + ": " + source.getValue().size() + " of "
                        + source.getValue().last())
                .toList();
        measurements.values().removeIf(count -> count == 1);
        return new FaultTrace(
                results,
                ids,
                lost,
                measurements.keySet(),
                TrainedAgain.of(progress(brokerAddress)),
                halves(folder, store));
    }

    /** What workers have said of their progress, in the order of the log. */
    static List<TrainedAgain.Report> progress(String brokerAddress) throws IOException {
        List<TrainedAgain.Report> progress = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> each : records(brokerAddress, Topic.PROGRESS)) {
            progress.add(new TrainedAgain.Report(
                    Instant.ofEpochMilli(each.timestamp()), JSON.readValue(each.value(), ProgressEvent.class)));
        }
        return progress;
    }

    private static void strip(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.remove(DIFFERENT);
        }
        node.forEach(FaultTrace::strip);
    }

    /** What killed processes have left aside goes with the next start. */
    private static List<Path> halves(Path folder, Path store) throws IOException {
        new FolderStore(store).close();
        try (Stream<Path> files = Stream.concat(Files.walk(folder), Files.walk(store))) {
            return files.filter(file -> file.toString().endsWith(".part"))
                    .distinct()
                    .toList();
        }
    }

    private static String header(ConsumerRecord<String, byte[]> event, String name) {
        return new String(event.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static List<ConsumerRecord<String, byte[]>> records(String address, Topic... topics) {
        Map<String, Object> settings = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, address, ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = Arrays.stream(topics)
                    .map(topic -> new TopicPartition(topic.topicName(), 0))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        return records;
    }
}
