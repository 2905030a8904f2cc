package dev.limbeck.workers.device;

import static java.util.Objects.requireNonNull;

import dev.limbeck.measure.MachineIdentity;
import java.time.Duration;

/**
 * Who a device is in the farm.
 *
 * @param deviceClass name of the class of devices, all alike, that it belongs to
 * @param id of the device, the same after a restart
 * @param driver how it is reached: "local", "adb" or "simulated"
 * @param beat how often it says that it is there
 */
public record DeviceWorkerOptions(String deviceClass, String id, String driver, Duration beat) {

    private static final Duration BEAT = Duration.ofSeconds(30);

    public DeviceWorkerOptions {
        requireNonNull(deviceClass, "deviceClass is null");
        requireNonNull(id, "id is null");
        requireNonNull(driver, "driver is null");
        if (beat.isNegative() || beat.isZero()) {
            throw new IllegalArgumentException("beat is " + beat + ", but must be positive");
        }
    }

    /** This machine, under its own name. */
    public static DeviceWorkerOptions ofThisMachine(String deviceClass) {
        return new DeviceWorkerOptions(deviceClass, MachineIdentity.name(deviceClass), "local", BEAT);
    }

    public DeviceWorkerOptions withId(String newId) {
        return new DeviceWorkerOptions(deviceClass, newId, driver, beat);
    }

    public DeviceWorkerOptions withDriver(String newDriver) {
        return new DeviceWorkerOptions(deviceClass, id, newDriver, beat);
    }
}
