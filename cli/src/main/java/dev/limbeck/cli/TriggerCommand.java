package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.workers.common.DeviceRegistry;
import dev.limbeck.workers.common.RequestLog;
import io.grpc.StatusRuntimeException;
import io.temporal.client.WorkflowException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Starts runs because of events, until it is stopped. */
@Command(
        name = "trigger",
        mixinStandardHelpOptions = true,
        description = {
            "Starts runs because of events, until it is stopped: one for every request on limbeck.requests ('limbeck request' writes "
                    + "such), and those of a class of devices again when one of them appears with a new system, driver or runtime.",
            "",
            "Each is started once, however often an event comes and however many triggers run. What was trained is remembered, so "
                    + "that a new device costs searching and finetuning, not a new library."
        })
final class TriggerCommand implements Callable<Integer> {

    private static final long PAUSE_MILLIS = 1000;

    @ParentCommand
    private Limbeck parent;

    @Option(
            names = "--allow",
            paramLabel = "DIR",
            description =
                    "A folder on the workers whose data requests may name by path; may be given several times. Without it, "
                            + "requests may name datasets alone: whoever may write to Kafka must not choose what workers read.")
    private List<Path> allowed = new ArrayList<>();

    @Mixin
    private ServerOptions serverOptions;

    @Override
    public Integer call() throws InterruptedException {
        if (serverOptions.temporal().isEmpty() || serverOptions.kafka().isEmpty()) {
            throw new BadInputException(
                    "limbeck trigger needs --temporal and --kafka, or the environment instead: the servers "
                            + "that others write to; 'limbeck up' starts some for trying out");
        }
        Console console = parent.console();
        try (StopSignal stop = new StopSignal();
                Servers servers = new Servers(serverOptions, console.json());
                Trigger trigger = open(console, servers, allowed)) {
            console.say("waits for requests and devices; metrics %s; Ctrl-C stops it"
                    .formatted(servers.metrics().address()));
            while (!stop.requested()) {
                try {
                    trigger.look();
                } catch (StatusRuntimeException | WorkflowException | KafkaException | IllegalStateException e) {
                    console.say("limbeck: tries again: " + Failures.describe(e));
                }
                stop.await(PAUSE_MILLIS);
            }
        }
        return ExitCodes.DONE;
    }

    static Trigger open(Console console, Servers servers, List<Path> allowed) {
        RequestReach reach = new RequestReach(allowed);
        return new Trigger(
                console,
                servers.temporal(),
                servers.context().store(),
                new RequestLog(servers.kafkaProperties(), console.json(), servers.metrics(), reach::check),
                new DeviceRegistry(servers.kafkaProperties(), console.json(), servers.metrics(), Clock.systemUTC()));
    }
}
