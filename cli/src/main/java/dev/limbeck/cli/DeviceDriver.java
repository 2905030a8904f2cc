package dev.limbeck.cli;

import dev.limbeck.measure.Device;
import dev.limbeck.measure.LocalDevice;
import dev.limbeck.measure.SimulatedDevice;
import dev.limbeck.schemas.BadInputException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A way to reach a device, by the name that the command line gives it. */
record DeviceDriver(String name, Device device) {

    private static final Pattern SIMULATED = Pattern.compile("simulated(?::(\\d{1,6}))?");

    /** @throws BadInputException if there is no such driver */
    static DeviceDriver named(String driver) {
        Matcher simulated = SIMULATED.matcher(driver);
        if (simulated.matches()) {
            long millis = simulated.group(1) == null ? 0 : Long.parseLong(simulated.group(1));
            return new DeviceDriver("simulated", new SimulatedDevice(Duration.ofMillis(millis)));
        }
        if (driver.equals("local")) {
            return new DeviceDriver("local", LocalDevice.ofThisMachine());
        }
        throw new BadInputException("--driver is '" + driver + "'; give local or simulated[:MILLISECONDS]");
    }
}
