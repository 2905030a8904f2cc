package dev.limbeck.workflows;

/**
 * What is known of the space before any work.
 *
 * @param digest of the artifact with all figures
 * @param text for people: variants, architectures, ranges, and whether each scenario's limits can be met
 */
public record Profile(String digest, String text) {}
