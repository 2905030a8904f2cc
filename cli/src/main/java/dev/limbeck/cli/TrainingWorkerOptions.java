package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.tensor.Compute;
import dev.limbeck.tensor.Device;
import dev.limbeck.tensor.Precision;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workers.gpu.GpuWorker;
import dev.limbeck.workers.gpu.GpuWorkerOptions;
import java.time.Duration;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a process trains. */
final class TrainingWorkerOptions {

    @Option(
            names = "--slots",
            paramLabel = "N",
            description = "Trainings at once, each on one thread; default: the number of cores.")
    private int slots = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--device",
            defaultValue = "cpu",
            paramLabel = "cpu|cuda:N",
            description =
                    "Where networks are trained; a GPU needs Limbeck built with CUDA, by LIMBECK_MAVEN_OPTIONS=-Pcuda; "
                            + "default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(
            names = "--precision",
            defaultValue = "float32",
            paramLabel = "float32|bfloat16",
            description =
                    "In what convolutions and matrix products are trained: bfloat16 is faster where the device has it, and "
                            + "keeps weights in 32 bits; default: ${DEFAULT-VALUE}.")
    private Precision precision;

    @Option(
            names = "--checkpoint-interval",
            defaultValue = "20s",
            converter = Durations.class,
            paramLabel = "TIME",
            description =
                    "How often the state of a training is kept, from which it goes on after this process has died;"
                            + " default: ${DEFAULT-VALUE}.")
    private Duration checkpointInterval;

    @Mixin
    private DataOptions data;

    int slots() {
        return slots;
    }

    /** Where it trains, as the user named it. */
    String device() {
        return device;
    }

    DataOptions data() {
        return data;
    }

    /**
     * Starts a training worker, which ends with the servers.
     *
     * @param context of the process
     * @param trainingClass of this machine; null for none
     */
    void start(Servers servers, WorkerContext context, String trainingClass) {
        GpuWorkerOptions options = new GpuWorkerOptions(
                trainingClass, slots, compute(), checkpointInterval, data.dataDir(), DataOptions.cacheDir());
        servers.open(GpuWorker.start(servers.temporal(), context, options));
    }

    private Compute compute() {
        return new Compute(Device.named(device), precision);
    }

    /** @throws BadInputException if nothing could ever be trained */
    void check() {
        compute();
        if (slots < 1) {
            throw new BadInputException("--slots is " + slots + "; give 1 or more");
        }
    }
}
