package dev.limbeck.workflows;

/** Who did a piece of work and when, in milliseconds since the epoch; part of every result, for the run's timeline. */
public record Timing(String worker, long startMillis, long endMillis) {}
