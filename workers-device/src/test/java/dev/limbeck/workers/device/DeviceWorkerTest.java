package dev.limbeck.workers.device;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.temporal.testing.TestWorkflowEnvironment;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
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
