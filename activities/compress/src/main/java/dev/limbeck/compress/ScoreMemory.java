package dev.limbeck.compress;

import java.util.function.DoubleSupplier;

/** Where scores of networks are kept, so that work goes on where a callback failed or the process died. */
@FunctionalInterface
public interface ScoreMemory {

    /** Keeps nothing. */
    ScoreMemory NONE = (digest, score) -> score.getAsDouble();

    /**
     * @param digest of the network
     * @param score makes it; is not asked where it is known already
     */
    double of(String digest, DoubleSupplier score);
}
