package dev.limbeck.schemas;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Locale;

/**
 * Data of an event on {@code limbeck.devices}: what a device is, and whether it takes work.
 *
 * @param cpu or SoC
 * @param os name and version
 * @param runtime name and version
 * @param precisions that its runtime has kernels for: "fp32", "int8"
 * @param state as {@link State} writes it
 * @param since when it has been so: an instant as ISO 8601 writes it, in UTC
 * @param worker name of the process that serves it; null in records of older versions, as all that follows
 * @param driver how it is reached: "local", "adb" or "simulated"
 * @param model of the whole device
 * @param build of the operating system
 * @param temperatureCelsius of its warmest part; null where it does not tell
 * @param reason why it is hot or quarantined, in words; null otherwise
 * @param seen when it last said so: an instant
 * @param beatSeconds how often it says so
 * @param canary what the reference network took when the device was well, oldest first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DeviceState(
        String id,
        String deviceClass,
        String cpu,
        int cores,
        String os,
        String runtime,
        List<String> precisions,
        String state,
        String since,
        String worker,
        String driver,
        String model,
        String build,
        Double temperatureCelsius,
        String reason,
        String seen,
        Double beatSeconds,
        List<Canary> canary) {

    /** What a device does. */
    public enum State {
        /** Waits for tasks. */
        AVAILABLE,
        /** Measures. */
        BUSY,
        /** Cools down. */
        HOT,
        /** Measures other than it used to. */
        QUARANTINED,
        /** Takes no tasks. */
        ABSENT;

        /** As records have it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Median latencies of the reference network. */
    public record Canary(double fp32Millis, double int8Millis) {}

    public DeviceState {
        precisions = List.copyOf(precisions);
        canary = canary == null ? null : List.copyOf(canary);
    }

    /** The same, in a state that others have found it in. */
    public DeviceState in(State found) {
        return new DeviceState(
                id,
                deviceClass,
                cpu,
                cores,
                os,
                runtime,
                precisions,
                found.label(),
                since,
                worker,
                driver,
                model,
                build,
                temperatureCelsius,
                reason,
                seen,
                beatSeconds,
                canary);
    }
}
