package dev.limbeck.cli;

import dev.limbeck.measure.AndroidDevice;
import dev.limbeck.measure.Device;
import dev.limbeck.measure.LocalDevice;
import dev.limbeck.measure.SimulatedDevice;
import dev.limbeck.schemas.BadInputException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Which device a worker measures on, and how it is reached. */
final class DeviceDriver {

    private static final Pattern SIMULATED = Pattern.compile("simulated(?::(\\d{1,6}))?");

    @Option(
            names = "--driver",
            defaultValue = "local",
            paramLabel = "local|adb|simulated[:MS]",
            description =
                    "How the device is reached: this machine; an Android phone at a cable; or one that only makes up "
                            + "latencies, each in so many milliseconds; default: ${DEFAULT-VALUE}.")
    private String driver;

    @Option(
            names = "--serial",
            paramLabel = "S",
            description =
                    "Name of the device, no other's; default: this machine's name, or the serial number of the only phone.")
    private String serial;

    @Option(
            names = "--adb",
            defaultValue = "adb",
            paramLabel = "PROGRAM",
            description = "Android's debug bridge, for phones; default: ${DEFAULT-VALUE}.")
    private String adb;

    @Option(
            names = "--adb-tool",
            paramLabel = "FILE",
            description =
                    "What measures on the phone: onnxruntime_perf_test built for its processor, or a program that takes the "
                            + "same options and writes the same result file.")
    private Path adbTool;

    /** "local", "adb" or "simulated" */
    String name() {
        return SIMULATED.matcher(driver).matches() ? "simulated" : driver;
    }

    /** @throws BadInputException if there is no such driver, or it lacks something */
    Device open() {
        if (serial != null && !serial.matches("\\S{1,64}")) {
            throw new BadInputException("--serial is '" + serial + "'; give up to 64 characters without spaces");
        }
        Matcher simulated = SIMULATED.matcher(driver);
        if (simulated.matches()) {
            long millis = simulated.group(1) == null ? 0 : Long.parseLong(simulated.group(1));
            return new SimulatedDevice(Duration.ofMillis(millis));
        }
        return switch (driver) {
            case "local" -> LocalDevice.ofThisMachine();
            case "adb" -> {
                if (adbTool == null) {
                    throw new BadInputException(
                            "--driver adb needs --adb-tool FILE: onnxruntime_perf_test, built for the phone's processor");
                }
                yield AndroidDevice.connect(adb, serial, adbTool);
            }
            default ->
                throw new BadInputException(
                        "--driver is '" + driver + "'; give local, adb or simulated[:MILLISECONDS]");
        };
    }

    /** The device's name in the farm. @param otherwise where none was given and the device has none of its own */
    String id(Device device, String otherwise) {
        if (serial != null) {
            return serial;
        }
        return device instanceof AndroidDevice phone ? phone.serial() : otherwise;
    }
}
