package dev.limbeck.workers.device;

import static java.util.Objects.requireNonNull;

import dev.limbeck.measure.MachineIdentity;
import java.time.Duration;

/**
 * Who a device is in the farm, and how it is watched.
 *
 * @param deviceClass name of the class of devices, all alike, that it belongs to
 * @param id of the device, the same after a restart
 * @param driver how it is reached: "local", "adb" or "simulated"
 * @param beat how often it is looked at and says that it is there
 * @param canaryInterval how often the reference network is measured; zero for never
 * @param hotCelsius beyond which the device takes no tasks
 */
public record DeviceWorkerOptions(
        String deviceClass, String id, String driver, Duration beat, Duration canaryInterval, double hotCelsius) {

    /** Above what a busy processor has, below where most of them slow down. */
    public static final double HOT_CELSIUS = 90;

    private static final Duration BEAT = Duration.ofSeconds(30);

    public DeviceWorkerOptions {
        requireNonNull(deviceClass, "deviceClass is null");
        requireNonNull(id, "id is null");
        requireNonNull(driver, "driver is null");
        if (beat.isNegative() || beat.isZero()) {
            throw new IllegalArgumentException("beat is " + beat + ", but must be positive");
        }
        if (canaryInterval.isNegative()) {
            throw new IllegalArgumentException("canaryInterval is " + canaryInterval + ", but must not be negative");
        }
    }

    /** This machine, under its own name, without a reference network. */
    public static DeviceWorkerOptions ofThisMachine(String deviceClass) {
        return new DeviceWorkerOptions(
                deviceClass, MachineIdentity.name(deviceClass), "local", BEAT, Duration.ZERO, HOT_CELSIUS);
    }

    public DeviceWorkerOptions withId(String newId) {
        return new DeviceWorkerOptions(deviceClass, newId, driver, beat, canaryInterval, hotCelsius);
    }

    public DeviceWorkerOptions withDriver(String newDriver) {
        return new DeviceWorkerOptions(deviceClass, id, newDriver, beat, canaryInterval, hotCelsius);
    }

    public DeviceWorkerOptions withCanaryInterval(Duration newInterval) {
        return new DeviceWorkerOptions(deviceClass, id, driver, beat, newInterval, hotCelsius);
    }

    public DeviceWorkerOptions withHotCelsius(double newLimit) {
        return new DeviceWorkerOptions(deviceClass, id, driver, beat, canaryInterval, newLimit);
    }

    public DeviceWorkerOptions withBeat(Duration newBeat) {
        return new DeviceWorkerOptions(deviceClass, id, driver, newBeat, canaryInterval, hotCelsius);
    }
}
