package dev.limbeck.cli;

import dev.limbeck.store.S3Store;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workers.device.DeviceWorker;
import dev.limbeck.workflows.TaskQueues;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** A fleet in one process. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = {
            "Starts Temporal, Kafka, metrics, a training worker and a device worker for this machine, all in this process, and "
                    + "stays until it is stopped: a fleet for trying out. It prints the options that other commands reach it by.",
            "",
            "This Temporal keeps its history in memory: runs that are under way when it is stopped have to be submitted again, "
                    + "and go on where they were."
        },
        footer = {
            "",
            "Example:",
            "  limbeck up &",
            "  limbeck submit spec.yaml --wait --temporal 127.0.0.1:PORT --store DIR"
        })
final class UpCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Mixin
    private ServerOptions serverOptions;

    @Mixin
    private TrainingWorkerOptions training;

    @Mixin
    private OutputOptions outputOptions;

    /** How other commands reach it. */
    record Addresses(String temporal, String kafka, String store, String metrics, List<String> options) {}

    @Override
    public Integer call() throws InterruptedException {
        training.check();
        Console console = parent.console();
        try (StopSignal stop = new StopSignal();
                Servers servers = new Servers(serverOptions, console.json())) {
            WorkerContext context = servers.context().patient();
            training.start(servers, context, null);
            servers.open(DeviceWorker.start(servers.temporal(), context, servers.measurements(), TaskQueues.LOCAL));
            Addresses addresses = addresses(servers);
            if (outputOptions.json()) {
                console.printJson(addresses);
            } else {
                console.print(String.join(" ", addresses.options()));
            }
            console.say(
                    "metrics %s; Ctrl-C stops it".formatted(servers.metrics().address()));
            stop.await();
        }
        return ExitCodes.DONE;
    }

    private Addresses addresses(Servers servers) {
        String store = S3Store.isLocation(serverOptions.store())
                ? serverOptions.store()
                : Path.of(serverOptions.store()).toAbsolutePath().normalize().toString();
        return new Addresses(
                servers.temporalAddress(),
                servers.kafkaAddress(),
                store,
                servers.metrics().address(),
                List.of("--temporal", servers.temporalAddress(), "--kafka", servers.kafkaAddress(), "--store", store));
    }
}
