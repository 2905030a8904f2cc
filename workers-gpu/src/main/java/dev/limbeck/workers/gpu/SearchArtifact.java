package dev.limbeck.workers.gpu;

import dev.limbeck.search.Nsga2State;
import dev.limbeck.workflows.Candidate;
import java.util.List;

/**
 * A search as it lies in the store between generations.
 *
 * @param asked candidates of the generation that is being measured
 * @param history every measured candidate so far, in order
 */
record SearchArtifact(Nsga2State nsga2, List<Candidate> asked, List<Point> history) {

    /** A candidate, its predicted accuracy as a fraction and its measured latency. */
    record Point(List<Integer> architecture, double predictedAccuracy, double p50Millis, int generation) {}
}
