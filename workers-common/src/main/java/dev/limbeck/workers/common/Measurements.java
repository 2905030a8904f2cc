package dev.limbeck.workers.common;

import dev.limbeck.schemas.Measurement;
import java.util.Optional;

/** What is known of latencies, whoever measured them. */
public interface Measurements {

    /** The newest measurement under a key. */
    Optional<Measurement> find(String key);

    /** Keeps a measurement; returns when it is safe. */
    void append(Measurement measurement);
}
