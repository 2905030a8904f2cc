package dev.limbeck.workers.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.measure.DeviceFailure;
import dev.limbeck.measure.LatencyMeasurement;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.measure.LocalDevice;
import dev.limbeck.schemas.DeviceState.Canary;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.Schemas;
import dev.limbeck.store.FolderStore;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workers.common.testing.InMemoryEventPublisher;
import io.temporal.failure.ApplicationFailure;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sick devices take no tasks, and well ones do; time and health are as the test says. */
class DeviceMonitorTest {

    private static final DeviceWorkerOptions OPTIONS = DeviceWorkerOptions.ofThisMachine("laptops")
            .withId("laptop-7")
            .withDriver("simulated")
            .withHotCelsius(80)
            .withCanaryInterval(Duration.ofMinutes(10));

    @TempDir
    private Path folder;

    private final Metrics metrics = Metrics.unserved();
    private final InMemoryEventPublisher events = new InMemoryEventPublisher(Json.mapper());
    private final FakePolling polling = new FakePolling();
    private final FakeDevice device = new FakeDevice();
    private final SettableClock clock = new SettableClock();
    private Presence presence;
    private DeviceMonitor monitor;

    @BeforeEach
    void start() {
        monitor = monitor(List.of());
        monitor.look();
    }

    private DeviceMonitor monitor(List<Canary> earlier) {
        WorkerContext context =
                new WorkerContext("process-123", new FolderStore(folder), Json.mapper(), events, metrics, clock);
        presence = new Presence(context, OPTIONS, device, earlier);
        return new DeviceMonitor(context, OPTIONS, device, new CanaryHistory(earlier), presence, polling);
    }

    @AfterEach
    void stop() {
        metrics.close();
    }

    @Test
    void theReferenceNetworkIsMeasuredAtTheStartAndThenNowAndThen() {
        assertThat(device.measurements()).as("a history, and the first look").isEqualTo(4);
        clock.pass(Duration.ofMinutes(9));
        monitor.look();
        assertThat(device.measurements()).isEqualTo(4);
        clock.pass(Duration.ofMinutes(1));
        monitor.look();
        assertThat(device.measurements()).isEqualTo(5);
        assertThat(polling.suspended()).isFalse();
    }

    @Test
    void aDeviceThatDriftsIsQuarantinedUntilItIsWell() {
        clock.pass(Duration.ofMinutes(10));
        device.slow(1.08, 1.08, 1.08);
        monitor.look();

        assertThat(polling.suspended()).isTrue();
        assertThat(last().get("state").asText()).isEqualTo("quarantined");
        assertThat(last().get("reason").asText()).matches("the reference network is 8 % slower than usual in \\w+");
        assertThat(metrics.registry().scrape())
                .contains("limbeck_device_state{device_class=\"laptops\",state=\"quarantined\"} 1.0")
                .contains("limbeck_device_canary_drift_ratio{device_class=\"laptops\",precision=\"int8\"} 0.08");
        assertThatThrownBy(() -> monitor.work(() -> "measured"))
                .isInstanceOf(ApplicationFailure.class)
                .hasMessageContaining("laptop-7 is quarantined")
                .matches(failure -> !((ApplicationFailure) failure).isNonRetryable());

        clock.pass(Duration.ofMinutes(1));
        device.slow(1.08, 1.08, 1.08);
        monitor.look();
        assertThat(polling.suspended()).as("what drifts does not become usual").isTrue();

        clock.pass(Duration.ofMinutes(1));
        monitor.look();
        assertThat(polling.suspended()).isFalse();
        assertThat(monitor.work(() -> "measured")).isEqualTo("measured");
        assertThat(last().get("state").asText()).isEqualTo("available");
        assertThat(last().has("reason")).isFalse();
    }

    @Test
    void aDeviceThatIsFasterThanUsualIsAnotherOneToo() {
        clock.pass(Duration.ofMinutes(10));
        device.slow(0.9, 0.9, 0.9);
        monitor.look();
        assertThat(last().get("reason").asText()).contains("10 % faster than usual");
    }

    @Test
    void aHistoryFromADisturbedDeviceBeginsAnewWhereTheDeviceStaysFaster() {
        device.slow(1.5, 1.5, 1.5, 1.5);
        monitor = monitor(List.of());
        monitor.look();
        assertThat(polling.suspended()).isFalse();

        clock.pass(Duration.ofMinutes(10));
        monitor.look();
        assertThat(polling.suspended()).isTrue();
        clock.pass(Duration.ofMinutes(1));
        monitor.look();
        assertThat(polling.suspended()).isFalse();
        assertThat(metrics.registry().scrape())
                .contains("limbeck_device_canary_drift_ratio{device_class=\"laptops\",precision=\"fp32\"} 0.0");
    }

    @Test
    void aHistoryBeginsWithMeasurementsThatAgree() {
        device.slow(1.5, 1.3, 1.0, 1.2);
        monitor = monitor(List.of());
        monitor.look();
        assertThat(device.measurements())
                .as("4 before, 4 that differ, and 3 more with the first look")
                .isEqualTo(4 + 4 + 4);
        assertThat(polling.suspended()).isFalse();
    }

    @Test
    void oneNoisyMeasurementCondemnsNobody() {
        clock.pass(Duration.ofMinutes(10));
        device.slow(1.5, 1.01, 0.99);
        monitor.look();
        assertThat(device.measurements()).as("measured again, twice").isEqualTo(7);
        assertThat(polling.suspended()).isFalse();
    }

    @Test
    void oneNoisyMeasurementSpoilsNoHistory() {
        device.slow(1.5);
        monitor = monitor(List.of());
        monitor.look();
        clock.pass(Duration.ofMinutes(10));
        monitor.look();
        assertThat(polling.suspended()).isFalse();
    }

    @Test
    void whatWasUsualBeforeARestartIsUsualAfterIt() {
        presence.beat();
        JsonNode said = last();
        assertThat(Schemas.named("device").validate(said)).isEmpty();
        List<Canary> earlier = Json.mapper()
                .convertValue(
                        said.get("canary"),
                        Json.mapper().getTypeFactory().constructCollectionType(List.class, Canary.class));
        assertThat(earlier).hasSize(4);

        device.slow(1.08, 1.08, 1.08);
        monitor(earlier).look();
        assertThat(polling.suspended()).isTrue();
    }

    @Test
    void aHotDeviceRestsUntilItIsCoolAndMeasuresAsUsual() {
        device.heat(81);
        monitor.look();
        assertThat(polling.suspended()).isTrue();
        assertThat(last().get("state").asText()).isEqualTo("hot");
        assertThat(last().get("temperatureCelsius").asDouble()).isEqualTo(81);

        device.heat(79);
        monitor.look();
        assertThat(last().get("state").asText()).as("not yet cooled down").isEqualTo("hot");

        device.heat(74);
        device.slow(1.08, 1.08, 1.08);
        monitor.look();
        assertThat(last().get("state").asText()).as("cool, but not as it was").isEqualTo("quarantined");

        clock.pass(Duration.ofMinutes(1));
        monitor.look();
        assertThat(polling.suspended()).isFalse();
    }

    @Test
    void aDeviceThatSlowsItselfDownRests() {
        device.throttle(true);
        monitor.look();
        assertThat(last().get("state").asText()).isEqualTo("hot");
        device.throttle(false);
        monitor.look();
        assertThat(polling.suspended()).isFalse();
    }

    @Test
    void aDeviceThatFailsOrIsAwayTakesNoTasksUntilItIsBack() {
        assertThatThrownBy(() -> monitor.work(() -> {
                    throw new DeviceFailure("the cable is loose");
                }))
                .isInstanceOf(DeviceFailure.class);
        assertThat(polling.suspended()).isTrue();
        assertThat(last().get("reason").asText()).contains("the cable is loose");

        device.fail(new DeviceFailure("no device"));
        clock.pass(Duration.ofMinutes(1));
        monitor.look();
        presence.beat();
        assertThat(polling.suspended()).isTrue();
        assertThat(last().get("model").asText()).as("what it was").isEqualTo("simulated device");

        device.fail(null);
        clock.pass(Duration.ofMinutes(1));
        monitor.look();
        assertThat(polling.suspended()).isFalse();
    }

    @Test
    void theReferenceNetworksRunOnThisMachine() {
        LatencyProtocol once =
                new LatencyProtocol(Duration.ZERO, 1, Duration.ZERO, 3, Duration.ofSeconds(5), 1, 1, 0.05);
        LocalDevice here = LocalDevice.ofThisMachine();
        List<LatencyMeasurement> measured =
                here.measure(List.of(CanaryNetwork.fp32(), CanaryNetwork.int8()), 1, 1, once, Progress.NONE);

        assertThat(measured)
                .allSatisfy(latency -> assertThat(latency.p50Millis()).isPositive());
        assertThat(here.integerKernelShare(CanaryNetwork.int8(), 1)).isEqualTo(1);
        assertThat(CanaryNetwork.int8().digest())
                .as("always the same network")
                .isEqualTo(CanaryNetwork.int8().digest());
    }

    private JsonNode last() {
        return events.events(Topic.DEVICES).getLast().data();
    }

    private static final class SettableClock extends Clock {

        private Instant now = Instant.parse("2026-01-02T03:04:05Z");

        void pass(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
