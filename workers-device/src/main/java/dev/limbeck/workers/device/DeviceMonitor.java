package dev.limbeck.workers.device;

import static java.util.Objects.requireNonNull;

import dev.limbeck.measure.Device;
import dev.limbeck.measure.DeviceFailure;
import dev.limbeck.measure.DeviceHealth;
import dev.limbeck.schemas.DeviceState.State;
import dev.limbeck.workers.common.WorkerContext;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets only a device that is well take tasks, and only one thing at a time happen on it.
 *
 * <p>Now and then it looks at the device, between two tasks: a hot or throttled one must cool down, one whose reference network takes
 * other than it used to, or that does not answer, is quarantined. Neither is given tasks until a later look finds it well.
 */
final class DeviceMonitor {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceMonitor.class);

    /** A device that was hot is well again when it is so much cooler. */
    private static final double COOLED = 5;

    /** A quarantined device is measured again after so long, or after the usual interval where that is shorter. */
    private static final Duration AGAIN = Duration.ofMinutes(1);

    private final WorkerContext context;
    private final DeviceWorkerOptions options;
    private final Device device;
    private final Presence presence;
    private final Polling polling;
    private final CanaryCheck canary;
    // fair: a look is not starved by a queue that is never empty
    private final ReentrantLock turn = new ReentrantLock(true);
    private Instant canaryDue;
    private volatile State condition = State.AVAILABLE;
    private volatile String reason;

    DeviceMonitor(
            WorkerContext context,
            DeviceWorkerOptions options,
            Device device,
            CanaryHistory history,
            Presence presence,
            Polling polling) {
        this.context = requireNonNull(context, "context is null");
        this.options = requireNonNull(options, "options is null");
        this.device = requireNonNull(device, "device is null");
        this.presence = requireNonNull(presence, "presence is null");
        this.polling = requireNonNull(polling, "polling is null");
        canary = new CanaryCheck(device, history);
        canaryDue = context.clock().instant();
    }

    String id() {
        return options.id();
    }

    /** Waits for the present task, looks at the device, and lets it take tasks or not. */
    void look() {
        turn.lock();
        try {
            judge();
        } catch (RuntimeException e) {
            quarantine("it cannot be measured: " + e.getMessage());
        } finally {
            turn.unlock();
        }
    }

    /**
     * Does a task's work, alone on the device.
     *
     * @throws ApplicationFailure if the device is not well: a task that was already on its way when polling was suspended; another
     *     device takes it
     */
    <T> T work(Supplier<T> work) {
        turn.lock();
        try {
            if (condition != State.AVAILABLE) {
                throw ApplicationFailure.newFailure(
                        "device " + options.id() + " is " + condition.label() + ": " + reason, "DeviceUnwell");
            }
            return presence.whileBusy(work);
        } catch (DeviceFailure e) {
            quarantine("it failed: " + e.getMessage());
            throw e;
        } finally {
            turn.unlock();
        }
    }

    private void judge() {
        DeviceHealth health = device.health();
        presence.feels(health);
        health.temperatureCelsius()
                .ifPresent(celsius -> context.metrics().deviceTemperature(options.deviceClass(), celsius));
        String heat = heat(health);
        if (heat != null) {
            become(State.HOT, heat);
            canaryDue = context.clock().instant(); // what has cooled down must prove it
            return;
        }
        if (options.canaryInterval().isZero()) {
            become(State.AVAILABLE, null);
            return;
        }
        if (!context.clock().instant().isBefore(canaryDue)) {
            checkCanary();
        }
    }

    /** Null where the device is cool enough. */
    private String heat(DeviceHealth health) {
        if (health.throttled()) {
            return "it slows itself down to cool";
        }
        double limit = condition == State.HOT ? options.hotCelsius() - COOLED : options.hotCelsius();
        return health.temperatureCelsius()
                .filter(celsius -> celsius > limit)
                .map("%.0f °C are too many"::formatted)
                .orElse(null);
    }

    private void checkCanary() {
        CanaryCheck.Outcome outcome = canary.run();
        context.metrics()
                .canaryDrift(options.deviceClass(), "fp32", outcome.drift().fp32());
        context.metrics()
                .canaryDrift(options.deviceClass(), "int8", outcome.drift().int8());
        presence.remembers(canary.history());
        if (outcome.well()) {
            become(State.AVAILABLE, null);
            canaryDue = context.clock().instant().plus(options.canaryInterval());
        } else {
            quarantine(outcome.drift().words());
        }
    }

    private void quarantine(String why) {
        become(State.QUARANTINED, why);
        Duration wait = options.canaryInterval().compareTo(AGAIN) < 0 ? options.canaryInterval() : AGAIN;
        canaryDue = context.clock().instant().plus(wait);
    }

    private void become(State next, String why) {
        reason = why;
        if (next != condition) {
            LOG.warn("device {} is {}{}", options.id(), next.label(), why == null ? "" : ": " + why);
        }
        if (next == State.AVAILABLE) {
            polling.resume();
        } else {
            polling.suspend();
        }
        condition = next;
        presence.is(next, why);
    }
}
