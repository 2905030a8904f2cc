package dev.limbeck.workers.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.schemas.DriftEvent;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.Schemas;
import dev.limbeck.store.FolderStore;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workers.common.testing.InMemoryEventPublisher;
import dev.limbeck.workflows.Conditions;
import dev.limbeck.workflows.RemeasureActivities;
import dev.limbeck.workflows.RemeasureRequest.Front;
import dev.limbeck.workflows.RemeasureRequest.Known;
import dev.limbeck.workflows.RemeasureTask;
import io.temporal.activity.ActivityOptions;
import io.temporal.testing.TestActivityEnvironment;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A device whose latencies depend on the network alone, and become slower when a test says so. */
class RemeasureActivitiesTest {

    private static final Conditions CONDITIONS = new Conditions("laptops", 1, 1, null, null);
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    private Path folder;

    private final TestActivityEnvironment temporal = TestActivityEnvironment.newInstance();
    private final Metrics metrics = Metrics.unserved();
    private final InMemoryEventPublisher events = new InMemoryEventPublisher(Json.mapper());
    private final FakeDevice fake = new FakeDevice();
    private FolderStore store;
    private RemeasureActivities device;
    private Known reference;
    private Known network;

    @BeforeEach
    void start() {
        store = new FolderStore(folder);
        WorkerContext context = new WorkerContext(
                "process-123", store, Json.mapper(), events, metrics, Clock.fixed(NOW, ZoneOffset.UTC));
        DeviceWorkerOptions options =
                DeviceWorkerOptions.ofThisMachine("laptops").withId("laptop-7");
        DeviceMonitor monitor = new DeviceMonitor(
                context,
                options,
                fake,
                new CanaryHistory(List.of()),
                new Presence(context, options, fake, List.of()),
                new FakePolling());
        temporal.registerActivitiesImplementations(new RemeasureActivitiesImpl(context, fake, monitor));
        device = temporal.newActivityStub(
                RemeasureActivities.class,
                ActivityOptions.newBuilder()
                        .setStartToCloseTimeout(Duration.ofMinutes(1))
                        .build());
        reference = known("reference", "Relu", "Sigmoid");
        network = known("net-01", "Relu");
    }

    @AfterEach
    void stop() {
        temporal.close();
        metrics.close();
    }

    @Test
    void whatIsAsItWasIsMeasuredOnce() {
        int before = fake.measurements();

        DriftEvent drift = device.remeasure(task("monday", network));

        assertThat(fake.measurements() - before).isEqualTo(drift.rounds()).isEqualTo(1);
        assertThat(drift.machineDrifts() || drift.networksDrift()).isFalse();
        assertThat(drift.device()).isEqualTo("laptop-7");
        assertThat(drift.networks())
                .containsExactly(new DriftEvent.Network(
                        "net-01", network.network(), network.p50Millis(), network.p50Millis(), 0, 0));
        assertThat(events.events(Topic.DRIFT)).singleElement().satisfies(event -> {
            assertThat(event.key()).isEqualTo("run-1");
            assertThat(Schemas.named("drift").validate(event.data())).isEmpty();
        });
        assertThat(events.events(Topic.MEASUREMENTS))
                .as("the memory of searches")
                .isEmpty();
    }

    @Test
    void aSlowerMachineIsToldFromASlowerNetwork() {
        fake.slow(1.2, 1.2, 1.2);
        DriftEvent machine = device.remeasure(task("monday", network));
        DriftEvent networks = device.remeasure(task("tuesday", faster(network, 1.2)));

        assertThat(machine.machineDrifts()).isTrue();
        assertThat(machine.networksDrift()).isFalse();
        assertThat(machine.reference().drift()).isCloseTo(0.2, within(1e-6));
        assertThat(machine.networksDriftMost()).isCloseTo(0, within(1e-6));
        assertThat(networks.machineDrifts()).isFalse();
        assertThat(networks.networksDrift()).isTrue();
        assertThat(networks.networksDriftMost()).isCloseTo(0.2, within(1e-6));
        assertThat(metrics.registry().scrape())
                .containsPattern(
                        "limbeck_front_drift_ratio\\{device_class=\"laptops\",of=\"networks\",scenario=\"small\"} 0.(2|199)")
                .contains(
                        "limbeck_front_drift_ratio{device_class=\"laptops\",of=\"machine\",scenario=\"small\"} 0.0",
                        "limbeck_front_drift_tolerance_ratio{device_class=\"laptops\",scenario=\"small\"} 0.05",
                        "limbeck_front_remeasured_timestamp_seconds{device_class=\"laptops\",scenario=\"small\"} "
                                + NOW.getEpochSecond() / 1e9 + "E9");
    }

    @Test
    void aDisturbanceThatPassesIsNoDrift() {
        fake.slow(1.2, 1.0, 1.0);

        DriftEvent drift = device.remeasure(task("monday", network));

        assertThat(drift.rounds()).isEqualTo(3);
        assertThat(drift.machineDrifts() || drift.networksDrift()).isFalse();
    }

    @Test
    void anotherAttemptGoesOnWhereTheOneBeforeWasAndAnotherOccasionBeginsAnew() {
        device.remeasure(task("monday", network));
        int before = fake.measurements();

        device.remeasure(task("monday", network));
        assertThat(fake.measurements()).isEqualTo(before);
        device.remeasure(task("tuesday", network));
        assertThat(fake.measurements()).isEqualTo(before + 1);
    }

    private RemeasureTask task(String occasion, Known measured) {
        return new RemeasureTask("run-1", occasion, 0.05, new Front("small", CONDITIONS, reference, List.of(measured)));
    }

    private static Known faster(Known known, double factor) {
        return new Known(known.model(), known.network(), known.p50Millis() / factor);
    }

    /** A network of the store, and what it takes. */
    private Known known(String model, String... operators) {
        ValueInfo input = new ValueInfo("x0", ElementType.FLOAT, ValueInfo.DYNAMIC, 4);
        ValueInfo output = new ValueInfo("x" + operators.length, ElementType.FLOAT, ValueInfo.DYNAMIC, 4);
        GraphEditor editor = GraphEditor.create(model).input(input).output(output);
        for (int i = 0; i < operators.length; i++) {
            editor.add(Node.of(operators[i], "node" + i, List.of("x" + i), List.of("x" + (i + 1))));
        }
        Graph graph = editor.build();
        double millis = fake.measure(List.of(graph), 1, 1, LatencyProtocol.quick(), Progress.NONE)
                .getFirst()
                .p50Millis();
        return new Known(model, store.put(graph.toBytes()), millis);
    }
}
