package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workers.gpu.GpuWorker;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a process trains. */
final class TrainingWorkerOptions {

    @Option(
            names = "--slots",
            paramLabel = "N",
            description = "Trainings at once, each on one thread; default: the number of cores.")
    private int slots = Runtime.getRuntime().availableProcessors();

    @Mixin
    private DataOptions data;

    int slots() {
        return slots;
    }

    DataOptions data() {
        return data;
    }

    /** Starts a training worker, which ends with the servers. @param context of the process */
    void start(Servers servers, WorkerContext context) {
        servers.open(GpuWorker.start(servers.temporal(), context, slots, data.dataDir(), DataOptions.cacheDir()));
    }

    /** @throws BadInputException if nothing could ever be trained */
    void check() {
        if (slots < 1) {
            throw new BadInputException("--slots is " + slots + "; give 1 or more");
        }
    }
}
