package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.limbeck.cli.embedded.BrokerFolder;
import dev.limbeck.cli.grafana.Boards;
import dev.limbeck.measure.SimulatedDevice;
import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.Schemas;
import dev.limbeck.schemas.Spec;
import dev.limbeck.store.FolderStore;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.KafkaEventPublisher;
import dev.limbeck.workers.common.KafkaProfile;
import dev.limbeck.workers.common.MeasurementLog;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.TemporalConnection;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workers.device.DeviceWorker;
import dev.limbeck.workers.device.DeviceWorkerOptions;
import io.temporal.client.WorkflowClient;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole job, small, on real data and real servers inside this process; watched from outside while it runs. */
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RunTest {

    private static final Pattern ADDRESSES = Pattern.compile("Temporal (\\S+)   Kafka (\\S+)   metrics (\\S+)");

    /** The networks of the predictor train long enough for an estimate of the time left, which the boards show, on fast machines too. */
    private static final String SPEC = """
            limbeck: v1
            name: small
            reference: reference.onnx
            task: {type: classification, data: fashion-mnist}
            space:
              vary: {kernel: [3], expansion: [2], depth: [1], activation: [relu], attention: [none], layer: [depthwise]}
            library: {epochs: 0.5, images: 500}
            predictor: {networks: 4, epochs: 1, images: 16000}
            search: {population: 4, generations: 2}
            finetune: {networks: 2, epochs: 0.25, images: 1000}
            quantize: {rounding: {iterations: 20}}
            scenarios:
              - {name: int8, precision: int8, imageSize: [32, 24]}
            goals: {accuracyDrop: 0.99, size: 10 MB}
            """;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final int metricsPort = BrokerFolder.freePort();
    private final long started = System.currentTimeMillis() / 1000;
    private Path folder;
    private PrometheusProcess prometheus;
    private Path spec;
    private int exit = -1;
    private Set<Topic> topics;

    @BeforeAll
    void run(@TempDir Path scratch) throws Exception {
        folder = TinyRun.folder(scratch);
        spec = Files.writeString(folder.resolve("small.yaml"), SPEC);
        int devicePort = BrokerFolder.freePort();
        if (PrometheusProcess.binary().isPresent()) {
            prometheus = PrometheusProcess.start(
                    PrometheusProcess.binary().get(),
                    folder,
                    1,
                    rules(),
                    Map.of("limbeck", List.of("127.0.0.1:" + metricsPort, "127.0.0.1:" + devicePort)));
        }
        Thread run = Thread.ofPlatform().start(() -> exit = limbeck(spec));
        Matcher addresses = addresses();
        assertThat(workflowsSeen(addresses.group(1))).isTrue();
        try (OtherDevice device = new OtherDevice(addresses.group(1), addresses.group(2), devicePort, folder)) {
            topics = topicsSeen(addresses.group(2));
            assertThat(get(addresses.group(3)))
                    .contains("limbeck_candidates_measured_total", "temporal_activity_execution_latency");
            run.join();
        }
    }

    @AfterAll
    void stopPrometheus() throws InterruptedException {
        if (prometheus != null) {
            prometheus.close();
        }
    }

    /** The rules of {@code grafana/}, with fronts recorded as often as they are looked at. */
    private Path rules() throws IOException {
        return Files.writeString(
                folder.resolve("rules.yaml"),
                Files.readString(Path.of("..", "grafana", "rules.yaml")).replace("interval: 30s", "interval: 1s"));
    }

    @Test
    void everyPanelOfTheBoardsHasData() throws Exception {
        assumeTrue(prometheus != null, "no 'prometheus' on the path: the boards' queries are not tried");
        assertThat(prometheus.answers("limbeck_no_such_meter", started)).isFalse();
        List<String> silent = new ArrayList<>();
        for (Map.Entry<String, String> query : Boards.queries().entrySet()) {
            if (!prometheus.answers(Boards.withoutVariables(query.getValue(), "20s"), started)) {
                silent.add(query.getKey() + ": " + query.getValue());
            }
        }
        assertThat(silent).as("queries that nothing answers").isEmpty();
    }

    @Test
    void runsIsSeenFromOutsideAndRemembers() throws Exception {
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("networks; ");
        assertThat(exit).isZero();
        assertThat(topics).containsExactlyInAnyOrder(Topic.PROGRESS, Topic.MEASUREMENTS, Topic.DEVICES);

        Path made = folder.resolve("runs/small");
        Results results = Results.read(made.resolve("results.json"));
        assertThat(Schemas.named("results").validate(results.tree())).isEmpty();
        Results.Scenario scenario = results.scenarios().getFirst();
        assertThat(scenario.front()).isNotEmpty().allSatisfy(network -> {
            assertThat(made.resolve(network.model())).exists();
            assertThat(network.integerKernelShare()).isGreaterThanOrEqualTo(0.95);
        });
        assertThat(made.resolve("report.html")).isNotEmptyFile();
        assertThat(scenario.goals().goals()).extracting(Results.Goal::name).containsExactly("accuracyDrop", "size");
        assertThat(scenario.goals().goals()).extracting(Results.Goal::met).containsOnly(true);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("KiB, at most 9765.6 KiB: met");
        assertThat(scenario.imageSize()).isEqualTo(new Spec.ImageSize(32, 24));

        assertThat(limbeck(spec)).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("goes on where it was");
        Results again = Results.read(made.resolve("results.json"));
        assertThat(again.scenarios()).isEqualTo(results.scenarios());
        assertThat(again.blocks()).isEqualTo(results.blocks());
    }

    private int limbeck(Path spec) {
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                0,
                Json.mapper());
        return Limbeck.execute(
                console,
                "run",
                spec.toString(),
                "--runs",
                folder.resolve("runs").toString(),
                "--store",
                folder.resolve("store").toString(),
                "--metrics-port",
                Integer.toString(metricsPort));
    }

    private Matcher addresses() throws InterruptedException {
        while (true) {
            Matcher matcher = ADDRESSES.matcher(err.toString(StandardCharsets.UTF_8));
            if (matcher.find()) {
                return matcher;
            }
            Thread.sleep(100);
        }
    }

    private static boolean workflowsSeen(String address) throws InterruptedException {
        WorkflowServiceStubs service = WorkflowServiceStubs.newServiceStubs(
                WorkflowServiceStubsOptions.newBuilder().setTarget(address).build());
        try {
            WorkflowClient client = WorkflowClient.newInstance(service);
            for (int i = 0; i < 1000; i++) {
                boolean open = client.getWorkflowServiceStubs()
                                .blockingStub()
                                .listOpenWorkflowExecutions(
                                        io.temporal.api.workflowservice.v1.ListOpenWorkflowExecutionsRequest
                                                .newBuilder()
                                                .setNamespace("default")
                                                .build())
                                .getExecutionsCount()
                        > 0;
                if (open) {
                    return true;
                }
                Thread.sleep(100);
            }
            return false;
        } finally {
            service.shutdownNow();
        }
    }

    /** Reads until an event of each kind has come by; each is a CloudEvent whose data its JSON Schema accepts. */
    private static Set<Topic> topicsSeen(String address) throws IOException {
        Map<String, Topic> wanted = Stream.of(Topic.PROGRESS, Topic.MEASUREMENTS, Topic.DEVICES)
                .collect(Collectors.toMap(Topic::topicName, Function.identity()));
        Set<Topic> seen = new HashSet<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", address, "group.id", "outside", "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.subscribe(wanted.keySet());
            for (int i = 0; i < 1000 && seen.size() < wanted.size(); i++) {
                for (ConsumerRecord<String, byte[]> entry : consumer.poll(Duration.ofMillis(500))) {
                    Topic topic = wanted.get(entry.topic());
                    assertThat(new String(entry.headers().lastHeader("ce_type").value(), StandardCharsets.UTF_8))
                            .isEqualTo(topic.eventType());
                    assertThat(Schemas.named(topic.schema())
                                    .validate(Json.mapper().readTree(entry.value())))
                            .isEmpty();
                    seen.add(topic);
                }
            }
        }
        return seen;
    }

    private static String get(String address) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    /** A device worker of a class that the run does not name, with what a real device has: a temperature and a reference network. */
    private static final class OtherDevice implements AutoCloseable {

        private final Metrics metrics;
        private final TemporalConnection temporal;
        private final KafkaEventPublisher events;
        private final MeasurementLog log;
        private final DeviceWorker worker;

        OtherDevice(String temporalAddress, String kafkaAddress, int metricsPort, Path folder) {
            Map<String, Object> kafka = KafkaProfile.plain(kafkaAddress);
            metrics = Metrics.serve(metricsPort);
            temporal = new TemporalConnection(temporalAddress, "other", Json.mapper(), metrics);
            events = new KafkaEventPublisher(kafka, "other", Json.mapper(), metrics, Clock.systemUTC());
            log = new MeasurementLog(kafka, events, Json.mapper(), metrics);
            worker = DeviceWorker.start(
                    temporal.client(),
                    new WorkerContext(
                            "other",
                            new FolderStore(folder.resolve("store")),
                            Json.mapper(),
                            events,
                            metrics,
                            Clock.systemUTC()),
                    log,
                    new SimulatedDevice(Duration.ofMillis(1)),
                    DeviceWorkerOptions.ofThisMachine("other").withCanaryInterval(Duration.ofMinutes(10)),
                    Optional.empty());
        }

        @Override
        public void close() {
            worker.close();
            log.close();
            events.close();
            temporal.close();
            metrics.close();
        }
    }
}
