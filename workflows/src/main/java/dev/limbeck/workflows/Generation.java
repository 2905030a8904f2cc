package dev.limbeck.workflows;

import java.util.List;

/**
 * One step of the evolutionary search.
 *
 * @param state digest of the search's state, to be handed to the next step
 * @param candidates networks to measure now; none if all proposed ones are known
 * @param done true after the last generation
 */
public record Generation(String state, int number, List<Candidate> candidates, boolean done, Timing timing) {}
