package dev.limbeck.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.measure.SimulatedDevice;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.KafkaEventPublisher;
import dev.limbeck.workers.common.MeasurementLog;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.TemporalConnection;
import dev.limbeck.workers.common.TemporalProfile;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workers.device.DeviceWorker;
import dev.limbeck.workers.device.DeviceWorkerOptions;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.CountAtBucket;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.workflow.v1.WorkflowExecutionInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.worker.WorkerFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Many device workers, each the real one around a simulated device, and as many runs that measure candidates on them. */
final class ScaleFarm {

    private static final int DEVICES_A_CLASS = 100;
    private static final int CANDIDATES_A_RUN = 800;
    private static final double NANOS = 1e9;

    private ScaleFarm() {}

    /**
     * @param server in words
     * @param startSeconds until all devices had registered
     * @param waitP99Millis between the scheduling of a task and its start, 99th percentile
     * @param events of one run's history
     * @param processBytes largest resident memory of broker, devices and runs together
     * @param temporalBytes largest resident memory of the Temporal server; 0 where it is within
     */
    record Figures(
            String server,
            int devices,
            int measurements,
            double startSeconds,
            double seconds,
            double waitP50Millis,
            double waitP99Millis,
            long events,
            long historyBytes,
            long processBytes,
            long temporalBytes,
            long measurementBytes,
            double deviceRecordBytes,
            long lostEvents) {

        double measurementsPerSecond() {
            return measurements / seconds;
        }
    }

    static Figures run(
            Map<String, Object> kafka, Path folder, String address, String server, int devices, int measurements)
            throws IOException {
        ObjectMapper json = Json.mapper();
        try (Metrics metrics = Metrics.unserved();
                KafkaEventPublisher events = new KafkaEventPublisher(kafka, "scale", json, metrics, Clock.systemUTC());
                MeasurementLog log = new MeasurementLog(kafka, events, json, metrics);
                TemporalConnection temporal =
                        new TemporalConnection(TemporalProfile.plain(address), "scale", json, metrics)) {
            MemoryStore store = new MemoryStore();
            WorkerContext context = new WorkerContext("scale", store, json, events, metrics, Clock.systemUTC());
            long start = System.nanoTime();
            for (int i = 0; i < devices; i++) {
                DeviceWorkerOptions options = DeviceWorkerOptions.ofThisMachine("class-" + i / DEVICES_A_CLASS)
                        .withId("device-" + i)
                        .withDriver("simulated");
                DeviceWorker.start(
                        temporal.client(), context, log, new SimulatedDevice(Duration.ZERO), options, Optional.empty());
            }
            double startSeconds = (System.nanoTime() - start) / NANOS;
            WorkerFactory runs = WorkerFactory.newInstance(temporal.client());
            runs.newWorker(ScaleRun.QUEUE).registerWorkflowImplementationTypes(ScaleRun.Impl.class);
            runs.start();
            List<List<String>> networks = networks(store, measurements);
            // before the broker compacts it
            double deviceRecordBytes =
                    (double) ScaleRecords.logBytes(folder, Topic.DEVICES) / records(kafka, Topic.DEVICES);
            int classes = Math.max(1, devices / DEVICES_A_CLASS);
            start = System.nanoTime();
            List<WorkflowStub> started = new ArrayList<>();
            for (int i = 0; i < networks.size(); i++) {
                started.add(start(temporal.client(), i, "class-" + i % classes, networks.get(i)));
            }
            long measured = 0;
            for (WorkflowStub run : started) {
                measured += run.getResult(Integer.class);
            }
            double seconds = (System.nanoTime() - start) / NANOS;
            if (measured != measurements) {
                throw new IllegalStateException("measured " + measured + " of " + measurements);
            }
            WorkflowExecutionInfo history =
                    describe(temporal.client(), started.getFirst().getExecution());
            double[] waits = waits(metrics);
            Figures figures = new Figures(
                    server,
                    devices,
                    measurements,
                    startSeconds,
                    seconds,
                    waits[0],
                    waits[1],
                    history.getHistoryLength(),
                    history.getHistorySizeBytes(),
                    residentBytes("self"),
                    Optional.ofNullable(System.getenv("SCALE_TEMPORAL_PID"))
                            .map(ScaleFarm::residentBytes)
                            .orElse(0L),
                    ScaleRecords.logBytes(folder, Topic.MEASUREMENTS),
                    deviceRecordBytes,
                    Math.round(metrics.registry().get("limbeck.events.lost").counters().stream()
                            .mapToDouble(counter -> counter.count())
                            .sum()));
            // the process ends after this: a thousand workers take more than an hour to be closed one by one
            runs.shutdownNow();
            return figures;
        }
    }

    private static long records(Map<String, Object> kafka, Topic topic) {
        TopicPartition partition = new TopicPartition(topic.topicName(), 0);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(kafka, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return consumer.endOffsets(List.of(partition)).get(partition);
        }
    }

    private static WorkflowStub start(WorkflowClient client, int number, String deviceClass, List<String> networks) {
        WorkflowStub stub = client.newUntypedWorkflowStub(
                "ScaleRun",
                WorkflowOptions.newBuilder()
                        .setTaskQueue(ScaleRun.QUEUE)
                        .setWorkflowId("scale-" + number)
                        .build());
        stub.start("run-" + number, deviceClass, networks);
        return stub;
    }

    /** Networks of one node that differ in their names alone. @return for each run, the digests of its own */
    private static List<List<String>> networks(ArtifactStore store, int count) {
        List<List<String>> runs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (i % CANDIDATES_A_RUN == 0) {
                runs.add(new ArrayList<>());
            }
            GraphEditor editor = GraphEditor.create("network-" + i)
                    .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 4));
            String output = editor.add("Relu", "relu", "x");
            editor.output(new ValueInfo(output, ElementType.FLOAT, ValueInfo.DYNAMIC, 4));
            runs.getLast().add(store.put(editor.build().toBytes()));
        }
        return runs;
    }

    private static WorkflowExecutionInfo describe(WorkflowClient client, WorkflowExecution execution) {
        return client.getWorkflowServiceStubs()
                .blockingStub()
                .describeWorkflowExecution(DescribeWorkflowExecutionRequest.newBuilder()
                        .setNamespace(client.getOptions().getNamespace())
                        .setExecution(execution)
                        .build())
                .getWorkflowExecutionInfo();
    }

    /** Median and 99th percentile over all queues, in milliseconds: the upper ends of the histogram's buckets. */
    private static double[] waits(Metrics metrics) {
        Map<Double, Double> upTo = new TreeMap<>();
        double all = 0;
        for (Timer timer : metrics.registry().get("limbeck.queue.wait").timers()) {
            all += timer.count();
            for (CountAtBucket bucket : timer.takeSnapshot().histogramCounts()) {
                upTo.merge(bucket.bucket(TimeUnit.MILLISECONDS), bucket.count(), Double::sum);
            }
        }
        return new double[] {percentile(upTo, all / 2), percentile(upTo, all * 0.99)};
    }

    private static double percentile(Map<Double, Double> upTo, double wanted) {
        return upTo.entrySet().stream()
                .filter(bucket -> bucket.getValue() >= wanted)
                .mapToDouble(Map.Entry::getKey)
                .findFirst()
                .orElse(Double.POSITIVE_INFINITY);
    }

    /** The largest it has been. */
    private static long residentBytes(String process) {
        try {
            return Files.readAllLines(Path.of("/proc", process, "status")).stream()
                            .filter(line -> line.startsWith("VmHWM"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElse(0)
                    * 1024;
        } catch (IOException e) {
            return 0;
        }
    }
}
