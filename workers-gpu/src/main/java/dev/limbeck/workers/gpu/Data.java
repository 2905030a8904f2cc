package dev.limbeck.workers.gpu;

import dev.limbeck.learn.Datasets;
import dev.limbeck.learn.Splits;
import dev.limbeck.schemas.Progress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Datasets by name or path, read once a process. */
final class Data {

    private final Path dataDir;
    private final Path cache;
    private final Map<String, Splits> loaded = new HashMap<>();

    /** @param dataDir where the user says that data lies; may be null */
    Data(Path dataDir, Path cache) {
        this.dataDir = dataDir;
        this.cache = cache;
    }

    synchronized Splits named(String name, Progress progress) {
        return loaded.computeIfAbsent(
                name, n -> Datasets.load(n, dataDir, cache, progress).forTraining(Optional.empty()));
    }
}
