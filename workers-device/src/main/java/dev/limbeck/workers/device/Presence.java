package dev.limbeck.workers.device;

import static java.util.Objects.requireNonNull;

import dev.limbeck.measure.DeviceDescription;
import dev.limbeck.measure.DeviceHealth;
import dev.limbeck.schemas.DeviceState;
import dev.limbeck.schemas.DeviceState.State;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.common.WorkerContext;
import java.time.Instant;
import java.util.function.Supplier;

/** Says on {@code limbeck.devices} what this device is and whether it waits for tasks, measures, or is gone. */
final class Presence {

    private static final double MILLIS_PER_SECOND = 1000;

    private final WorkerContext context;
    private final DeviceWorkerOptions options;
    private final DeviceDescription device;
    private State state = State.AVAILABLE;
    private Instant since;
    private DeviceHealth health;

    Presence(WorkerContext context, DeviceWorkerOptions options, DeviceDescription device, DeviceHealth health) {
        this.context = requireNonNull(context, "context is null");
        this.options = requireNonNull(options, "options is null");
        this.device = requireNonNull(device, "device is null");
        this.health = requireNonNull(health, "health is null");
        since = context.clock().instant();
    }

    String id() {
        return options.id();
    }

    void available() {
        enter(State.AVAILABLE);
    }

    /** The device is busy until the work ends, however it ends. */
    <T> T whileBusy(Supplier<T> work) {
        enter(State.BUSY);
        try {
            return work.get();
        } finally {
            enter(State.AVAILABLE);
        }
    }

    /** The last word: work that is still ending says nothing any more. */
    synchronized void absent() {
        enter(State.ABSENT);
    }

    /** The device is still there, in the state that it was in. */
    synchronized void beat() {
        if (state != State.ABSENT) {
            announce();
        }
    }

    private synchronized void enter(State next) {
        if (state == State.ABSENT) {
            return;
        }
        if (state != next) {
            since = context.clock().instant();
        }
        state = next;
        announce();
    }

    private void announce() {
        context.events()
                .publish(
                        Topic.DEVICES,
                        options.id(),
                        new DeviceState(
                                options.id(),
                                options.deviceClass(),
                                device.processor(),
                                device.cores(),
                                device.os(),
                                device.runtime().toString(),
                                device.precisions(),
                                state.label(),
                                since.toString(),
                                context.worker(),
                                options.driver(),
                                device.model(),
                                device.build(),
                                health.temperatureCelsius().orElse(null),
                                null,
                                context.clock().instant().toString(),
                                options.beat().toMillis() / MILLIS_PER_SECOND,
                                null));
    }
}
