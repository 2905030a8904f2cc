package dev.limbeck.compress;

import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.BadInputException;
import java.util.concurrent.CancellationException;
import java.util.function.ToDoubleFunction;

/**
 * Asks a caller's callback for scores, each once, and says of what it was asked where it fails.
 *
 * @param callback score of a network; larger is better
 * @param memory of this callback
 */
record Scoring(ToDoubleFunction<Graph> callback, ScoreMemory memory) {

    /** @param what messages call the network */
    double of(Graph network, String what) {
        return memory.of(network.digest(), () -> asked(network, what));
    }

    private double asked(Graph network, String what) {
        double score;
        try {
            score = callback.applyAsDouble(network);
        } catch (CancellationException | BadInputException e) {
            throw e; // whoever catches these goes by their type, and their messages are complete
        } catch (RuntimeException e) {
            throw new IllegalStateException(what + " could not be judged: " + e.getMessage(), e);
        }
        if (!Double.isFinite(score)) {
            throw new BadInputException(what + " got the score " + score + ", by which nothing can be chosen;"
                    + " scores must be finite numbers, larger ones for better networks");
        }
        return score;
    }
}
