package dev.limbeck.workflows;

import java.util.List;

/** Latencies in the order of the task's networks. */
public record MeasureOutcome(List<Measured> measured, Timing timing) {}
