package dev.limbeck.workflows;

/**
 * Under which conditions a network is measured.
 *
 * @param deviceClass class of devices, all alike
 */
public record Conditions(String deviceClass, int threads, int batch) {}
