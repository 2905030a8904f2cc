package dev.limbeck.workflows;

/** The trained block library. @param digest of an artifact that lists every {@link BlockOutcome} */
public record Library(String plan, String digest) {}
