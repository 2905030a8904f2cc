package dev.limbeck.workers.common.testing;

import dev.limbeck.schemas.Measurement;
import dev.limbeck.workers.common.Measurements;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps measurements in memory, for tests of what measures. */
public final class InMemoryMeasurements implements Measurements {

    private final List<Measurement> all = new CopyOnWriteArrayList<>();

    @Override
    public Optional<Measurement> find(String key) {
        return all.reversed().stream().filter(known -> known.key().equals(key)).findFirst();
    }

    @Override
    public void append(Measurement measurement) {
        all.add(measurement);
    }

    /** All measurements so far, in order. */
    public List<Measurement> all() {
        return List.copyOf(all);
    }
}
