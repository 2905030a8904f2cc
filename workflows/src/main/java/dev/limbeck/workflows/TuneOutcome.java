package dev.limbeck.workflows;

import dev.limbeck.schemas.Results;

/** The settings that a network runs fastest with on a device. */
public record TuneOutcome(Results.Tuning tuning, Timing timing) {}
