package dev.limbeck.workflows;

/**
 * A front to measure again on one device.
 *
 * @param occasion whoever measures it again on the same occasion goes on with what is measured already
 * @param tolerance the largest drift that counts as none, as a fraction
 */
public record RemeasureTask(String runId, String occasion, double tolerance, RemeasureRequest.Front front) {}
