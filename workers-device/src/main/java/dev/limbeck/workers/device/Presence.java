package dev.limbeck.workers.device;

import static java.util.Objects.requireNonNull;

import dev.limbeck.measure.Device;
import dev.limbeck.measure.DeviceDescription;
import dev.limbeck.measure.DeviceFailure;
import dev.limbeck.measure.DeviceHealth;
import dev.limbeck.schemas.DeviceState;
import dev.limbeck.schemas.DeviceState.Canary;
import dev.limbeck.schemas.DeviceState.State;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.common.WorkerContext;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says on {@code limbeck.devices} what this device is and whether it waits for tasks, measures, is not well, or is gone. */
final class Presence {

    private static final Logger LOG = LoggerFactory.getLogger(Presence.class);
    private static final double MILLIS_PER_SECOND = 1000;

    private final WorkerContext context;
    private final DeviceWorkerOptions options;
    private final Device device;
    private DeviceDescription description;
    private State state = State.AVAILABLE;
    private String reason;
    private Instant since;
    private Double temperatureCelsius;
    private List<Canary> canaries;

    /** @param canaries known from before, oldest first */
    Presence(WorkerContext context, DeviceWorkerOptions options, Device device, List<Canary> canaries) {
        this.context = requireNonNull(context, "context is null");
        this.options = requireNonNull(options, "options is null");
        this.device = requireNonNull(device, "device is null");
        this.canaries = List.copyOf(canaries);
        since = context.clock().instant();
        description = device.description();
    }

    String id() {
        return options.id();
    }

    /** The device is busy until the work ends, however it ends. */
    <T> T whileBusy(Supplier<T> work) {
        is(State.BUSY, null);
        try {
            return work.get();
        } finally {
            is(State.AVAILABLE, null);
        }
    }

    /** The last word: work that is still ending says nothing any more. */
    void absent() {
        is(State.ABSENT, null);
    }

    /** Said with the next word. */
    synchronized void feels(DeviceHealth health) {
        temperatureCelsius = health.temperatureCelsius().orElse(null);
    }

    /** Said with the next word, so that a restarted worker knows it. */
    synchronized void remembers(List<Canary> known) {
        canaries = List.copyOf(known);
    }

    /** The device is still there, in the state that it was in. */
    synchronized void beat() {
        if (state != State.ABSENT) {
            announce();
        }
    }

    /** Nothing is said where nothing changes. @param why it is not well; null otherwise */
    synchronized void is(State next, String why) {
        if (state == State.ABSENT || state == next) {
            reason = why;
            return;
        }
        since = context.clock().instant();
        state = next;
        reason = why;
        announce();
    }

    /** A device that is away is what it was. */
    private void describe() {
        try {
            description = device.description();
        } catch (DeviceFailure e) {
            LOG.debug("device {} does not say what it is", options.id(), e);
        }
    }

    private void announce() {
        context.metrics().deviceState(options.deviceClass(), state);
        describe();
        context.events()
                .publish(
                        Topic.DEVICES,
                        options.id(),
                        new DeviceState(
                                options.id(),
                                options.deviceClass(),
                                description.processor(),
                                description.cores(),
                                description.os(),
                                description.runtime().toString(),
                                description.precisions(),
                                state.label(),
                                since.toString(),
                                context.worker(),
                                options.driver(),
                                description.model(),
                                description.build(),
                                temperatureCelsius,
                                reason,
                                context.clock().instant().toString(),
                                options.beat().toMillis() / MILLIS_PER_SECOND,
                                canaries));
    }
}
