package dev.limbeck.bench;

import dev.limbeck.schemas.Measurement;
import dev.limbeck.store.Digests;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.KafkaEventPublisher;
import dev.limbeck.workers.common.MeasurementLog;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/** The way of measurements through Kafka: written, compacted, and read by a process that starts. */
final class ScaleRecords {

    /** So many devices at once wait for their record to be safe. */
    private static final int WRITERS = 2_000;

    private static final int WRITTEN_PER_KEY = 4;

    /** Of compacted topics. */
    private static final long SEGMENT_BYTES = 16 << 20;

    private static final double NANOS = 1e9;

    private ScaleRecords() {}

    /**
     * @param records written, every key four times
     * @param compactSeconds until the log had shrunk to what is newest, with the wait for the broker's cleaner
     */
    record Figures(
            int records,
            double produceSeconds,
            double compactSeconds,
            long bytesBefore,
            long bytesAfter,
            double readSeconds) {

        double recordsPerSecond() {
            return records / (produceSeconds + compactSeconds + readSeconds);
        }
    }

    /** @param heapBytes that a process holds for all of them */
    record Restart(int records, double produceSeconds, double readSeconds, long logBytes, long heapBytes) {}

    static Figures path(Map<String, Object> client, Path folder, int records) throws Exception {
        int keys = records / WRITTEN_PER_KEY;
        double once = produce(client, keys, keys);
        long copy = logBytes(folder);
        double produce = once + produce(client, records - keys, keys);
        long before = logBytes(folder);
        long start = System.nanoTime();
        // Kafka leaves the segment that is written to, and what is old as long as it is less than half of the others
        long goal = 2 * copy + SEGMENT_BYTES;
        while (logBytes(folder) > goal) {
            if (System.nanoTime() - start > 120 * NANOS) {
                throw new IllegalStateException("the log is not compacted: " + before + " to " + logBytes(folder));
            }
            Thread.sleep(100);
        }
        double compact = (System.nanoTime() - start) / NANOS;
        long after = logBytes(folder);
        return new Figures(records, produce, compact, before, after, read(client, keys)[0]);
    }

    static Restart restart(Map<String, Object> client, Path folder, int records) throws Exception {
        double produce = produce(client, records, records);
        long bytes = logBytes(folder);
        double[] read = read(client, records);
        return new Restart(records, produce, read[0], bytes, (long) read[1]);
    }

    /** @return seconds */
    private static double produce(Map<String, Object> client, int records, int keys) throws Exception {
        long start = System.nanoTime();
        Semaphore waiting = new Semaphore(WRITERS);
        try (Metrics metrics = Metrics.unserved();
                KafkaEventPublisher events =
                        new KafkaEventPublisher(client, "scale", Json.mapper(), metrics, Clock.systemUTC());
                ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < records; i++) {
                int number = i;
                waiting.acquire();
                writers.execute(() -> {
                    try {
                        Measurement measurement = measurement(number, number % keys);
                        events.publishAndWait(Topic.MEASUREMENTS, measurement.key(), measurement);
                    } finally {
                        waiting.release();
                    }
                });
            }
            waiting.acquire(WRITERS);
        }
        return (System.nanoTime() - start) / NANOS;
    }

    /** A process that starts and looks for one measurement. @return seconds, and bytes of heap that it takes */
    private static double[] read(Map<String, Object> client, int keys) {
        long before = heap();
        long start = System.nanoTime();
        try (Metrics metrics = Metrics.unserved();
                KafkaEventPublisher events =
                        new KafkaEventPublisher(client, "scale", Json.mapper(), metrics, Clock.systemUTC());
                MeasurementLog log = new MeasurementLog(client, events, Json.mapper(), metrics)) {
            for (int key : new int[] {0, keys / 2, keys - 1}) {
                if (log.find(key(key)).isEmpty()) {
                    throw new IllegalStateException("measurement " + key + " is lost");
                }
            }
            double seconds = (System.nanoTime() - start) / NANOS;
            return new double[] {seconds, heap() - before};
        }
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static String key(int number) {
        return Digests.ofParts("key", number);
    }

    private static Measurement measurement(int number, int key) {
        double millis = 1 + number % 1000 / 1000.0;
        String digest = key(key);
        return new Measurement(
                digest,
                Digests.ofParts("network", key),
                "class-" + key % 100,
                "device-" + number % 1000,
                "onnxruntime 1.29.0",
                "threads 1, batch 1, search",
                millis,
                millis * 1.1,
                millis * 1.2,
                true,
                1,
                Digests.ofParts("record", number));
    }

    private static long logBytes(Path folder) {
        return logBytes(folder, Topic.MEASUREMENTS);
    }

    /** What a topic takes on the broker's disk. */
    static long logBytes(Path folder, Topic topic) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".log")
                            && file.getParent().getFileName().toString().startsWith(topic.topicName()))
                    .mapToLong(ScaleRecords::size)
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            return Long.MAX_VALUE; // a segment has just been replaced
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
