package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.cli.embedded.EmbeddedKafka;
import dev.limbeck.schemas.DeviceState;
import dev.limbeck.workers.common.DeviceRegistry;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.KafkaEventPublisher;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.Topic;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The list of the farm, from the topic to the table. */
class DevicesTest {

    private static final ObjectMapper JSON = Json.mapper();
    private static final Instant NOW = Instant.parse("2026-01-02T03:10:00Z");

    @TempDir
    private Path folder;

    @Test
    void theNewestWordOfEachDeviceCountsAndSilentOnesAreAbsent() {
        try (EmbeddedKafka kafka = new EmbeddedKafka(folder);
                Metrics metrics = Metrics.unserved()) {
            Map<String, Object> client = Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, kafka.address());
            KafkaEventPublisher.createTopics(client);
            try (KafkaEventPublisher events =
                            new KafkaEventPublisher(client, "test", JSON, metrics, Clock.systemUTC());
                    DeviceRegistry registry =
                            new DeviceRegistry(client, JSON, metrics, Clock.fixed(NOW, ZoneOffset.UTC))) {
                publish(events, device("phone-2", "busy", "2026-01-02T03:09:59Z"));
                publish(events, device("phone-1", "busy", "2026-01-02T03:08:00Z"));
                publish(events, device("phone-2", "available", "2026-01-02T03:08:31Z"));
                publish(events, device("phone-3", "busy", "2026-01-02T03:08:29Z"));

                assertThat(registry.devices())
                        .extracting(DeviceState::id, DeviceState::state)
                        .containsExactly(
                                tuple("phone-1", "absent"), tuple("phone-2", "available"), tuple("phone-3", "absent"));
                assertThat(registry.find("phone-1"))
                        .as("what it said last")
                        .hasValueSatisfying(found -> assertThat(found.state()).isEqualTo("busy"));
                assertThat(registry.find("phone-4")).isEmpty();
            }
        }
    }

    @Test
    void theTableHasALineForEachDeviceAndSaysWhatIsWrong() {
        List<String> table =
                DevicesCommand.table(List.of(device("phone-1", "available", NOW.toString()), olderOne()), NOW);

        assertThat(table.get(0)).startsWith("class   device   state        since  temperature");
        assertThat(table.get(1)).startsWith("phones  phone-1  available    9 min  41 °C        a phone");
        assertThat(table.get(2)).startsWith("phones  old      quarantined  9 min               ");
        assertThat(table.get(3)).isEqualTo("old is quarantined: 9 % slower");
    }

    private static void publish(KafkaEventPublisher events, DeviceState device) {
        events.publishAndWait(Topic.DEVICES, device.id(), device);
    }

    private static DeviceState device(String id, String state, String seen) {
        return new DeviceState(
                id,
                "phones",
                "a SoC",
                8,
                "Android 16",
                "onnxruntime 1.29.0",
                List.of("fp32", "int8"),
                state,
                "2026-01-02T03:00:30Z",
                "host-1",
                "adb",
                "a phone",
                "BP22",
                41.2,
                null,
                seen,
                30.0,
                null);
    }

    /** As a version said it that did not beat. */
    private static DeviceState olderOne() {
        return new DeviceState(
                "old",
                "phones",
                "a SoC",
                8,
                "Android 16",
                "onnxruntime 1.29.0",
                List.of("fp32"),
                "quarantined",
                "2026-01-02T03:00:30Z",
                null,
                null,
                null,
                null,
                null,
                "9 % slower",
                null,
                null,
                null);
    }
}
