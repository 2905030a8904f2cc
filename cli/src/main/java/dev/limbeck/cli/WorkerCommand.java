package dev.limbeck.cli;

import dev.limbeck.workers.device.DeviceWorker;
import dev.limbeck.workers.gpu.GpuWorker;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Runs a worker until it is stopped. */
@Command(
        name = "worker",
        mixinStandardHelpOptions = true,
        description = "Runs a worker of a fleet until it is stopped: one that trains, or one that measures.",
        synopsisSubcommandLabel = "(gpu | device)",
        subcommands = {WorkerCommand.Gpu.class, WorkerCommand.Device.class, HelpCommand.class})
final class WorkerCommand {

    @ParentCommand
    private Limbeck parent;

    /** Trains. */
    @Command(name = "gpu", mixinStandardHelpOptions = true, description = "Trains block variants and networks.")
    static final class Gpu implements Callable<Integer> {

        @ParentCommand
        private WorkerCommand group;

        @Option(
                names = "--slots",
                paramLabel = "N",
                description = "Trainings at once, each on one thread; default: the number of cores.")
        private int slots = Runtime.getRuntime().availableProcessors();

        @Mixin
        private ServerOptions serverOptions;

        @Mixin
        private DataOptions dataOptions;

        @Override
        public Integer call() throws InterruptedException {
            Console console = group.parent.console();
            try (StopSignal stop = new StopSignal();
                    Servers servers = new Servers(serverOptions, console.json())) {
                servers.open(GpuWorker.start(
                        servers.temporal(), servers.context(), slots, dataOptions.dataDir(), DataOptions.cacheDir()));
                console.say("training worker with %d slots; Temporal %s, Kafka %s, metrics %s; Ctrl-C stops it"
                        .formatted(
                                slots,
                                servers.temporalAddress(),
                                servers.kafkaAddress(),
                                servers.metrics().address()));
                stop.await();
            }
            return ExitCodes.DONE;
        }
    }

    /** Measures. */
    @Command(
            name = "device",
            mixinStandardHelpOptions = true,
            description = "Measures networks on this machine, one at a time.")
    static final class Device implements Callable<Integer> {

        @ParentCommand
        private WorkerCommand group;

        @Option(
                names = "--class",
                defaultValue = "local",
                paramLabel = "NAME",
                description = "Class of devices, all alike, that this one belongs to; default: ${DEFAULT-VALUE}.")
        private String deviceClass;

        @Mixin
        private ServerOptions serverOptions;

        @Override
        public Integer call() throws InterruptedException {
            Console console = group.parent.console();
            try (StopSignal stop = new StopSignal();
                    Servers servers = new Servers(serverOptions, console.json())) {
                servers.open(
                        DeviceWorker.start(servers.temporal(), servers.context(), servers.measurements(), deviceClass));
                console.say("device worker of class '%s'; Temporal %s, Kafka %s, metrics %s; Ctrl-C stops it"
                        .formatted(
                                deviceClass,
                                servers.temporalAddress(),
                                servers.kafkaAddress(),
                                servers.metrics().address()));
                stop.await();
            }
            return ExitCodes.DONE;
        }
    }
}
