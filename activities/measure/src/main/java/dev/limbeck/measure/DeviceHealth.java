package dev.limbeck.measure;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * How a device is at a moment.
 *
 * @param temperatureCelsius of its warmest part, where it tells
 * @param throttled whether it runs slower than it could, to cool down
 */
public record DeviceHealth(Optional<Double> temperatureCelsius, boolean throttled) {

    public DeviceHealth {
        requireNonNull(temperatureCelsius, "temperatureCelsius is null");
    }
}
