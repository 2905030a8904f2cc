package dev.limbeck.workers.common;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.schemas.DeviceState;
import dev.limbeck.schemas.DeviceState.State;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All devices that ever said something on {@code limbeck.devices}, as they are now. */
public final class DeviceRegistry implements AutoCloseable {

    private static final double BEATS_OF_SILENCE = 3;

    private final NewestRecords<DeviceState> records;
    private final Clock clock;

    /** @param properties of a Kafka client, with {@code bootstrap.servers} */
    public DeviceRegistry(Map<String, Object> properties, ObjectMapper json, Metrics metrics, Clock clock) {
        records = new NewestRecords<>(properties, Topic.DEVICES, DeviceState.class, DeviceState::id, json, metrics);
        this.clock = clock;
    }

    /** By class, then by id. A device that has been silent for three of its beats is absent, whatever it said last. */
    public synchronized List<DeviceState> devices() {
        Instant now = clock.instant();
        return records.now().values().stream()
                .map(device -> isSilent(device, now) ? device.in(State.ABSENT) : device)
                .sorted(Comparator.comparing(DeviceState::deviceClass).thenComparing(DeviceState::id))
                .toList();
    }

    /** What a device said last, whenever that was. */
    public synchronized Optional<DeviceState> find(String id) {
        return Optional.ofNullable(records.now().get(id));
    }

    private static boolean isSilent(DeviceState device, Instant now) {
        if (device.seen() == null || device.beatSeconds() == null) { // older versions did not beat
            return false;
        }
        Duration silence = Duration.between(Instant.parse(device.seen()), now);
        return silence.toMillis() > BEATS_OF_SILENCE * device.beatSeconds() * 1000;
    }

    @Override
    public synchronized void close() {
        records.close();
    }
}
