package dev.limbeck.workflows;

/** Where a run is. @param profile the space's profile as text; empty until it is known */
public record RunStatus(String stage, String profile) {}
