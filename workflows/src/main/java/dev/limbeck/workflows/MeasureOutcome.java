package dev.limbeck.workflows;

import java.util.List;

/**
 * Latencies in the order of the task's networks.
 *
 * @param saturatesIntegerProducts whether the device's processor does, so that its networks need 7-bit weights
 */
public record MeasureOutcome(List<Measured> measured, boolean saturatesIntegerProducts, Timing timing) {}
