package dev.limbeck.schemas;

/**
 * Data of an event on {@code limbeck.devices}: what a device is, and whether it takes work.
 *
 * @param runtime name and version
 * @param state "available" or "absent"
 */
public record DeviceState(
        String id, String deviceClass, String cpu, int cores, String os, String runtime, String state) {}
