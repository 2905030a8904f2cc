package dev.limbeck.compress;

import dev.limbeck.compress.RatioSelection.Candidate;
import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import java.util.List;
import java.util.Optional;

/**
 * What a compression came to.
 *
 * @param graph the smaller network
 * @param before what the network cost that was given
 * @param after what the smaller one costs
 * @param score of the network that was given, by the caller's callback
 * @param compressedScore of the smaller one, not finetuned
 * @param missed in words, what ratio was wanted where it cannot be met; the network is then the smallest that the candidates allow
 * @param left share of the cost that the ratio is of
 * @param chosen one for each unit, in the order of the graph
 * @param candidates of each unit, with their scores: the network's sensitivity to compression
 */
public record Compressed(
        Graph graph,
        Cost before,
        Cost after,
        double score,
        double compressedScore,
        Optional<String> missed,
        double left,
        List<Candidate> chosen,
        List<List<Candidate>> candidates) {

    public Compressed {
        chosen = List.copyOf(chosen);
        candidates = List.copyOf(candidates);
    }

    /** Whether the wanted ratio is met. */
    public boolean goalMet() {
        return missed.isEmpty();
    }
}
