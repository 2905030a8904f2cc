package dev.limbeck.schemas;

import java.util.List;

/**
 * Data of an event on {@code limbeck.devices}: what a device is, and whether it takes work.
 *
 * @param runtime name and version
 * @param precisions that its runtime has kernels for: "fp32", "int8"
 * @param state "available", "busy" (measuring) or "absent"
 * @param since when it has been so: an instant as ISO 8601 writes it, in UTC
 */
public record DeviceState(
        String id,
        String deviceClass,
        String cpu,
        int cores,
        String os,
        String runtime,
        List<String> precisions,
        String state,
        String since) {

    public DeviceState {
        precisions = List.copyOf(precisions);
    }
}
