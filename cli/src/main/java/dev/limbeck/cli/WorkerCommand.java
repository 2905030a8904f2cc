package dev.limbeck.cli;

import dev.limbeck.measure.Device;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.DeviceState;
import dev.limbeck.workers.common.DeviceRegistry;
import dev.limbeck.workers.device.DeviceWorker;
import dev.limbeck.workers.device.DeviceWorkerOptions;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
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
        subcommands = {WorkerCommand.GpuCommand.class, WorkerCommand.DeviceCommand.class, HelpCommand.class})
final class WorkerCommand {

    @ParentCommand
    private Limbeck parent;

    WorkerCommand() {}

    WorkerCommand(Limbeck parent) {
        this.parent = parent;
    }

    /** Serves until the process is told to stop. */
    private int serve(ServerOptions options, String what, Consumer<Servers> start) throws InterruptedException {
        try (StopSignal stop = new StopSignal();
                Servers servers = new Servers(options, parent.console().json())) {
            start.accept(servers);
            parent.console()
                    .say("%s; Temporal %s, Kafka %s, metrics %s; Ctrl-C stops it"
                            .formatted(
                                    what,
                                    servers.temporalAddress(),
                                    servers.kafkaAddress(),
                                    servers.metrics().address()));
            stop.await();
        }
        return ExitCodes.DONE;
    }

    /** Trains. */
    @Command(name = "gpu", mixinStandardHelpOptions = true, description = "Trains block variants and networks.")
    static final class GpuCommand implements Callable<Integer> {

        @ParentCommand
        private WorkerCommand group;

        @Option(
                names = "--class",
                converter = ClassNames.class,
                paramLabel = "NAME",
                description = "Class of machines that this one belongs to: it trains only for runs that ask for it by "
                        + "--training-class; default: none, for runs that ask for none.")
        private String trainingClass;

        @Mixin
        private TrainingWorkerOptions training;

        @Mixin
        private ServerOptions serverOptions;

        @Override
        public Integer call() throws InterruptedException {
            training.check();
            String what = "training worker%s with %d slots on %s"
                    .formatted(
                            trainingClass == null ? "" : " of class '" + trainingClass + "'",
                            training.slots(),
                            training.device());
            return group.serve(
                    serverOptions,
                    what,
                    servers -> training.start(servers, servers.context().patient(), trainingClass));
        }
    }

    /** Measures. */
    @Command(
            name = "device",
            mixinStandardHelpOptions = true,
            description = "Measures networks on this machine, or on a device that it drives, one at a time.")
    static final class DeviceCommand implements Callable<Integer> {

        private static final double MILLIS_PER_MINUTE = 60_000;

        @ParentCommand
        private WorkerCommand group;

        @Option(
                names = "--class",
                defaultValue = "local",
                converter = ClassNames.class,
                paramLabel = "NAME",
                description = "Class of devices, all alike, that this one belongs to; default: ${DEFAULT-VALUE}.")
        private String deviceClass;

        @Mixin
        private DeviceDriver driver;

        @Option(
                names = "--canary-minutes",
                defaultValue = "10",
                paramLabel = "N",
                description =
                        "How often a small reference network is measured; a device on which it takes 5 % more or less than "
                                + "usual takes no tasks until it is well; 0 for never; default: ${DEFAULT-VALUE}.")
        private double canaryMinutes;

        @Option(
                names = "--new-canary",
                description =
                        "Forget what the reference network took so far: for a device that was changed on purpose.")
        private boolean newCanary;

        @Option(
                names = "--hot",
                defaultValue = "90",
                paramLabel = "CELSIUS",
                description =
                        "A hotter device takes no tasks until it has cooled down by 5 degrees; default: ${DEFAULT-VALUE}.")
        private double hotCelsius;

        @Mixin
        private ServerOptions serverOptions;

        @Override
        public Integer call() throws InterruptedException {
            if (canaryMinutes < 0) {
                throw new BadInputException("--canary-minutes is " + canaryMinutes + "; give 0 for never, or more");
            }
            Device device = driver.open();
            DeviceWorkerOptions local = DeviceWorkerOptions.ofThisMachine(deviceClass);
            DeviceWorkerOptions options = local.withId(driver.id(device, local.id()))
                    .withDriver(driver.name())
                    .withHotCelsius(hotCelsius)
                    .withCanaryInterval(Duration.ofMillis(Math.round(canaryMinutes * MILLIS_PER_MINUTE)));
            return group.serve(
                    serverOptions,
                    "device worker of class '" + deviceClass + "', device " + options.id(),
                    servers -> servers.open(DeviceWorker.start(
                            servers.temporal(),
                            servers.context().patient(),
                            servers.measurements(),
                            device,
                            options,
                            last(servers, options.id()))));
        }

        private Optional<DeviceState> last(Servers servers, String id) {
            if (newCanary) {
                return Optional.empty();
            }
            try (DeviceRegistry registry = new DeviceRegistry(
                    servers.kafkaProperties(), servers.context().json(), servers.metrics(), Clock.systemUTC())) {
                return registry.find(id);
            }
        }
    }
}
