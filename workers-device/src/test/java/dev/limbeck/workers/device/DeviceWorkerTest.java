package dev.limbeck.workers.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.measure.Device;
import dev.limbeck.measure.SimulatedDevice;
import dev.limbeck.schemas.Schemas;
import dev.limbeck.store.FolderStore;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workers.common.testing.InMemoryEventPublisher;
import dev.limbeck.workers.common.testing.InMemoryMeasurements;
import dev.limbeck.workflows.Conditions;
import dev.limbeck.workflows.DeviceActivities;
import dev.limbeck.workflows.MeasureTask;
import dev.limbeck.workflows.TaskQueues;
import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.Worker;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceWorkerTest {

    private static final Device DEVICE = new SimulatedDevice(Duration.ZERO);
    private static final DeviceWorkerOptions OPTIONS =
            DeviceWorkerOptions.ofThisMachine("laptops").withId("laptop-7").withDriver("simulated");

    @TempDir
    private Path folder;

    private final InMemoryEventPublisher events = new InMemoryEventPublisher(Json.mapper());

    @Test
    void aDeviceSaysThatItIsThereAndThatItGoes() {
        try (TestWorkflowEnvironment temporal = TestWorkflowEnvironment.newInstance();
                Metrics metrics = Metrics.unserved()) {
            DeviceWorker worker = DeviceWorker.start(
                    temporal.getWorkflowClient(),
                    context(metrics),
                    new InMemoryMeasurements(),
                    DEVICE,
                    OPTIONS,
                    Optional.empty());
            assertThat(events.events(Topic.DEVICES)).hasSize(1);
            worker.close();
        }

        assertThat(events.events(Topic.DEVICES))
                .allSatisfy(event -> {
                    assertThat(event.key()).isEqualTo("laptop-7");
                    assertThat(Schemas.named("device").validate(event.data())).isEmpty();
                    assertThat(event.data().get("deviceClass").asText()).isEqualTo("laptops");
                    assertThat(event.data().get("driver").asText()).isEqualTo("simulated");
                    assertThat(event.data().get("since").asText()).isEqualTo("2026-01-02T03:04:05Z");
                })
                .extracting(event -> event.data().get("state").asText())
                .containsExactly("available", "absent");
    }

    @Test
    void workThatEndsLateDoesNotBringADeviceBack() {
        try (Metrics metrics = Metrics.unserved()) {
            Presence presence = presence(metrics);
            presence.whileBusy(() -> {
                presence.absent();
                return null;
            });
        }

        assertThat(events.events(Topic.DEVICES))
                .extracting(event -> event.data().get("state").asText())
                .containsExactly("busy", "absent");
    }

    @Test
    void beatsSayThatADeviceIsStillThereAndDoNotBringItBack() {
        try (Metrics metrics = Metrics.unserved()) {
            Presence presence = presence(metrics);
            presence.beat();
            presence.beat();
            presence.absent();
            presence.beat();
        }

        assertThat(events.events(Topic.DEVICES))
                .extracting(event -> event.data().get("state").asText())
                .containsExactly("available", "available", "absent");
    }

    @Test
    void aHotDeviceGetsItsTaskWhenItHasCooledDown() throws Exception {
        FakeDevice hot = new FakeDevice();
        hot.heat(95);
        try (TestWorkflowEnvironment temporal = TestWorkflowEnvironment.newInstance();
                Metrics metrics = Metrics.unserved()) {
            Worker control = temporal.newWorker("control");
            control.registerWorkflowImplementationTypes(MeasureNothing.class);
            temporal.start();
            DeviceWorker worker = DeviceWorker.start(
                    temporal.getWorkflowClient(),
                    context(metrics),
                    new InMemoryMeasurements(),
                    hot,
                    OPTIONS.withBeat(Duration.ofMillis(100)),
                    Optional.empty());
            CompletableFuture<Integer> run = WorkflowClient.execute(temporal.getWorkflowClient()
                    .newWorkflowStub(
                            Measuring.class,
                            WorkflowOptions.newBuilder().setTaskQueue("control").build())::run);

            assertThatThrownBy(() -> run.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(states()).containsOnly("hot");
            hot.heat(50);
            assertThat(run.get(30, TimeUnit.SECONDS)).isZero();
            assertThat(states()).contains("available", "busy");
            worker.close();
        }
    }

    private List<String> states() {
        return events.events(Topic.DEVICES).stream()
                .map(event -> event.data().get("state").asText())
                .toList();
    }

    /** A run that has a device measure no networks. */
    @WorkflowInterface
    public interface Measuring {

        @WorkflowMethod
        int run();
    }

    /** Tries again until a device is well. */
    public static final class MeasureNothing implements Measuring {

        private final DeviceActivities device = Workflow.newActivityStub(
                DeviceActivities.class,
                ActivityOptions.newBuilder()
                        .setTaskQueue(TaskQueues.device("laptops"))
                        .setStartToCloseTimeout(Duration.ofMinutes(1))
                        .build());

        @Override
        public int run() {
            Conditions conditions = new Conditions("laptops", 1, 1, null, null);
            return device.measure(new MeasureTask("run", "small", conditions, MeasureTask.Effort.SEARCH, List.of()))
                    .measured()
                    .size();
        }
    }

    private Presence presence(Metrics metrics) {
        return new Presence(context(metrics), OPTIONS, DEVICE, List.of());
    }

    private WorkerContext context(Metrics metrics) {
        return new WorkerContext(
                "process-123",
                new FolderStore(folder),
                Json.mapper(),
                events,
                metrics,
                Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC));
    }
}
