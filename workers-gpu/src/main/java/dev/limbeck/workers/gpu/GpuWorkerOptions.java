package dev.limbeck.workers.gpu;

import static java.util.Objects.requireNonNull;

import dev.limbeck.tensor.Compute;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How a training worker works.
 *
 * @param trainingClass of this machine; null for none
 * @param slots trainings at once, each on one thread; not more than there are free cores
 * @param compute where, and in which precision, networks are trained
 * @param checkpointInterval how often a training's state is kept, at most: what a worker that dies loses
 * @param dataDir where datasets lie; may be null
 * @param dataCache where fetched datasets are kept
 */
public record GpuWorkerOptions(
        String trainingClass, int slots, Compute compute, Duration checkpointInterval, Path dataDir, Path dataCache) {

    public GpuWorkerOptions {
        requireNonNull(compute, "compute is null");
        requireNonNull(checkpointInterval, "checkpointInterval is null");
        requireNonNull(dataCache, "dataCache is null");
        if (slots < 1) {
            throw new IllegalArgumentException("slots is " + slots + ", but must be 1 or more");
        }
    }
}
