package dev.limbeck.workers.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.measure.Device;
import dev.limbeck.measure.DeviceDescription;
import dev.limbeck.measure.DeviceHealth;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.measure.LatencyMeasurer;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.measure.MachineState;
import dev.limbeck.measure.Tuning;
import dev.limbeck.runtime.Optimization;
import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Measurement;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.Results;
import dev.limbeck.schemas.Schemas;
import dev.limbeck.schemas.Spec;
import dev.limbeck.store.FolderStore;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workers.common.testing.InMemoryEventPublisher;
import dev.limbeck.workers.common.testing.InMemoryMeasurements;
import dev.limbeck.workflows.Conditions;
import dev.limbeck.workflows.DeviceActivities;
import dev.limbeck.workflows.MeasureOutcome;
import dev.limbeck.workflows.MeasureTask;
import dev.limbeck.workflows.MeasureTask.Effort;
import dev.limbeck.workflows.Measured;
import dev.limbeck.workflows.TuneTask;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.testing.TestActivityEnvironment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks are real ones, time is not: each look at the clock is a millisecond later than the last. */
class DeviceActivitiesTest {

    private static final Conditions CONDITIONS = new Conditions("laptops", 1, 2, null, null);
    private static final MachineState MACHINE = new MachineState(
            "a CPU",
            List.of(),
            2,
            0,
            "an OS",
            "a JVM",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /** This machine as far as networks go; what it is and how time passes is made up. */
    private record Machine(LatencyMeasurer measurer) implements Device {

        @Override
        public DeviceDescription description() {
            return new DeviceDescription(
                    "a laptop",
                    MACHINE.cpuModel(),
                    MACHINE.cores(),
                    MACHINE.operatingSystem(),
                    "build 1",
                    RuntimeVersion.current(),
                    List.of("fp32", "int8"),
                    false);
        }

        @Override
        public DeviceHealth health() {
            return new DeviceHealth(Optional.of(48.5), false);
        }

        @Override
        public List<LatencyMeasurement> measure(
                List<Graph> graphs, long batch, int threads, LatencyProtocol protocol, Progress progress) {
            return measurer.measureInterleaved(graphs, batch, threads, protocol, progress);
        }

        @Override
        public List<LatencyMeasurement> measure(
                List<Graph> graphs, long batch, SessionOptions settings, LatencyProtocol protocol, Progress progress) {
            return measurer.measureInterleaved(
                    graphs, batch, graphs.stream().map(graph -> settings).toList(), protocol, progress);
        }

        @Override
        public Tuning tune(Graph graph, long batch, int threads, Progress progress) {
            SessionOptions defaults = SessionOptions.defaults().withThreads(threads);
            SessionOptions settings = defaults.withOptimization(Optimization.BASIC);
            return new Tuning(
                    defaults, settings, List.of(), new Tuning.Confirmation(settings, 1.2, 1, 1.2, 5, 5, 0.03));
        }

        @Override
        public double integerKernelShare(Graph graph, int threads) {
            return 0;
        }
    }

    @TempDir
    private Path folder;

    private final TestActivityEnvironment temporal = TestActivityEnvironment.newInstance();
    private final Metrics metrics = Metrics.unserved();
    private final InMemoryEventPublisher events = new InMemoryEventPublisher(Json.mapper());
    private final InMemoryMeasurements memory = new InMemoryMeasurements();
    private final AtomicLong millis = new AtomicLong();
    private FolderStore store;
    private DeviceActivities device;

    @BeforeEach
    void start() {
        store = new FolderStore(folder);
        WorkerContext context = new WorkerContext(
                "process-123",
                store,
                Json.mapper(),
                events,
                metrics,
                Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC));
        LatencyMeasurer measurer = new LatencyMeasurer(() -> millis.incrementAndGet() * 1_000_000, () -> MACHINE);
        Device machine = new Machine(measurer);
        DeviceWorkerOptions options =
                DeviceWorkerOptions.ofThisMachine("laptops").withId("laptop-7");
        DeviceMonitor monitor = new DeviceMonitor(
                context,
                options,
                machine,
                new CanaryHistory(List.of()),
                new Presence(context, options, machine, List.of()),
                new FakePolling());
        temporal.registerActivitiesImplementations(new DeviceActivitiesImpl(context, memory, machine, monitor));
        device = temporal.newActivityStub(
                DeviceActivities.class,
                ActivityOptions.newBuilder()
                        .setStartToCloseTimeout(Duration.ofMinutes(1))
                        .setRetryOptions(
                                RetryOptions.newBuilder().setMaximumAttempts(1).build())
                        .build());
    }

    @AfterEach
    void stop() {
        temporal.close();
        metrics.close();
    }

    @Test
    void latenciesComeInTheOrderOfTheNetworks() {
        List<String> networks = List.of(network("Relu"), network("Sigmoid"));

        MeasureOutcome outcome = device.measure(task(Effort.SEARCH, networks));

        assertThat(outcome.measured()).extracting(Measured::network).isEqualTo(networks);
        assertThat(outcome.measured()).allSatisfy(measured -> {
            assertThat(measured.device()).isEqualTo("laptop-7");
            assertThat(measured.p50Millis()).isEqualTo(1);
            assertThat(measured.valid()).isTrue();
            assertThat(store.contains(measured.record()))
                    .as("the raw samples are kept")
                    .isTrue();
        });
        assertThat(outcome.timing().worker()).isEqualTo("process-123");
    }

    @Test
    void aKnownNetworkIsNotMeasuredAgain() {
        String network = network("Relu");
        MeasureOutcome first = device.measure(task(Effort.SEARCH, List.of(network)));
        long before = millis.get();

        assertThat(device.measure(task(Effort.SEARCH, List.of(network))).measured())
                .isEqualTo(first.measured());
        assertThat(millis).as("looks at the clock").hasValue(before);
        assertThat(metrics.registry().scrape())
                .contains(
                        "limbeck_candidates_measured_total{device_class=\"laptops\",remembered=\"false\",scenario=\"small\"} 1.0",
                        "limbeck_candidates_measured_total{device_class=\"laptops\",remembered=\"true\",scenario=\"small\"} 1.0");
    }

    @Test
    void whatALatencyDependsOnIsMeasuredByItself() {
        String network = network("Relu");
        for (Conditions conditions : List.of(
                CONDITIONS,
                new Conditions("phones", 1, 2, null, null),
                new Conditions("laptops", 2, 2, null, null),
                new Conditions("laptops", 1, 1, null, null))) {
            device.measure(new MeasureTask("run", "small", conditions, Effort.PROFILE, List.of(network)));
        }
        device.measure(task(Effort.SEARCH, List.of(network)));

        assertThat(memory.all()).hasSize(5).extracting(Measurement::key).doesNotHaveDuplicates();
    }

    @Test
    void networksAreMeasuredWithTheSettingsThatWereFound() throws Exception {
        String network = network("Relu");

        Results.Tuning tuning =
                device.tune(new TuneTask("run", "small", CONDITIONS, network)).tuning();

        assertThat(tuning.faster()).isTrue();
        assertThat(tuning.text()).isEqualTo("1 thread, optimization basic");
        assertThat(tuning.speedup()).isEqualTo(1.2);
        Conditions tuned = new Conditions("laptops", 1, 2, null, tuning.settings());
        device.measure(task(Effort.REPORT, List.of(network)));
        Measured measured = device.measure(new MeasureTask("run", "small", tuned, Effort.REPORT, List.of(network)))
                .measured()
                .getFirst();
        assertThat(Json.mapper()
                        .readTree(store.get(measured.record()))
                        .at("/settings/optimization")
                        .asText())
                .isEqualTo("BASIC");
        assertThat(memory.all())
                .extracting(Measurement::settings)
                .containsExactly(
                        "threads 1, batch 2, report", "threads 1, batch 2, 1 thread, optimization basic, report");
    }

    @Test
    void imagesHaveTheSizeOfTheScenario() {
        String network = network("Relu", ValueInfo.DYNAMIC, 3, 8, 8);
        Conditions larger = new Conditions("laptops", 1, 2, new Spec.ImageSize(16, 12), null);

        device.measure(task(Effort.SEARCH, List.of(network)));
        device.measure(new MeasureTask("run", "small", larger, Effort.SEARCH, List.of(network)));

        assertThat(memory.all())
                .extracting(Measurement::settings)
                .containsExactly("threads 1, batch 2, search", "threads 1, batch 2, images 16 x 12, search");
        assertThat(memory.all().getLast().network()).isEqualTo(network);
    }

    @Test
    void aNetworkThatDoesNotTakeTheScenariosImagesIsRefused() {
        Conditions images = new Conditions("laptops", 1, 2, new Spec.ImageSize(16, 12), null);
        MeasureTask task = new MeasureTask("run", "small", images, Effort.SEARCH, List.of(network("Relu")));

        assertThatThrownBy(() -> device.measure(task))
                .isInstanceOf(ActivityFailure.class)
                .cause()
                .hasMessageContaining("[N, channels, height, width]");
    }

    @Test
    void networksOfAReportAreMeasuredTogetherOnce() {
        List<String> networks = List.of(network("Relu"), network("Sigmoid"));
        device.measure(task(Effort.SEARCH, networks.subList(0, 1)));

        MeasureOutcome report = device.measure(task(Effort.REPORT, networks));

        assertThat(memory.all())
                .as("what the search knows is not good enough")
                .extracting(Measurement::network)
                .containsExactly(networks.get(0), networks.get(0), networks.get(1));
        long before = millis.get();
        assertThat(device.measure(task(Effort.REPORT, networks)).measured()).isEqualTo(report.measured());
        assertThat(millis).as("looks at the clock").hasValue(before);
        device.measure(task(Effort.REPORT, networks.reversed()));
        assertThat(memory.all()).as("another company is another measurement").hasSize(5);
    }

    @Test
    void measurementsAndStatesAreWhatTheSchemasPromise() {
        device.measure(task(Effort.SEARCH, List.of(network("Relu"))));

        assertThat(memory.all()).allSatisfy(measurement -> assertThat(
                        Schemas.named("measurement").validate(Json.mapper().valueToTree(measurement)))
                .isEmpty());
        assertThat(events.events(Topic.DEVICES)).allSatisfy(event -> {
            assertThat(event.key()).isEqualTo("laptop-7");
            assertThat(Schemas.named("device").validate(event.data())).isEmpty();
            assertThat(event.data().get("cpu").asText()).isEqualTo("a CPU");
        });
        assertThat(states()).containsExactly("busy", "available");
    }

    @Test
    void aFailedTaskLeavesTheDeviceAvailable() {
        String broken = store.put("no network".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> device.measure(task(Effort.SEARCH, List.of(broken))))
                .isInstanceOf(ActivityFailure.class)
                .cause()
                .hasMessageContaining("not an ONNX model");
        assertThat(states()).containsExactly("busy", "available");
        assertThat(memory.all()).isEmpty();
    }

    private List<String> states() {
        return events.events(Topic.DEVICES).stream()
                .map(event -> event.data().get("state").asText())
                .toList();
    }

    private static MeasureTask task(Effort effort, List<String> networks) {
        return new MeasureTask("run", "small", CONDITIONS, effort, networks);
    }

    /** A network of one node. @return its digest in the store */
    private String network(String operator) {
        return network(operator, ValueInfo.DYNAMIC, 4);
    }

    private String network(String operator, long... shape) {
        GraphEditor editor = GraphEditor.create("small")
                .input(new ValueInfo("x", ElementType.FLOAT, shape))
                .output(new ValueInfo("y", ElementType.FLOAT, shape));
        editor.add(Node.of(operator, "node", List.of("x"), List.of("y")));
        return store.put(editor.build().toBytes());
    }
}
