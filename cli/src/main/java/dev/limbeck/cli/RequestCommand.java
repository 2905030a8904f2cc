package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.RequestEvent;
import dev.limbeck.schemas.Specs;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workflows.RunRequest;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Asks for a run by an event. */
@Command(
        name = "request",
        mixinStandardHelpOptions = true,
        description = {
            "Asks for a run by an event on limbeck.requests, which 'limbeck trigger' starts.",
            "",
            "The run gets the id that 'limbeck submit' would give it; 'limbeck watch' follows it."
        })
final class RequestCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Mixin
    private SpecOptions specOptions;

    @Mixin
    private TrainingClassOption trainingClass;

    @Mixin
    private ServerOptions serverOptions;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        if (serverOptions.kafka().isEmpty() || serverOptions.temporal().isEmpty()) {
            throw new BadInputException(
                    "limbeck request needs --temporal and --kafka, or the environment instead: the servers "
                            + "that 'limbeck trigger' listens to");
        }
        Console console = parent.console();
        Job job = specOptions.read();
        try (Servers servers = new Servers(serverOptions, console.json())) {
            RunRequest run = job.request(servers.context().store());
            RequestEvent event = new RequestEvent(
                    run.runId(),
                    Specs.text(specOptions.file()),
                    run.reference(),
                    job.spec().task().data(),
                    trainingClass.name());
            event.parsed();
            servers.context().events().publishAndWait(Topic.REQUESTS, event.id(), event);
            if (outputOptions.json()) {
                console.printJson(Map.of("runId", run.runId()));
            } else {
                console.print("run " + run.runId() + " is asked for");
            }
        }
        return ExitCodes.DONE;
    }
}
