package dev.limbeck.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Ends a run. */
@Command(
        name = "cancel",
        mixinStandardHelpOptions = true,
        description = {
            "Ends a run that is under way. Workers hear of it within seconds; what was done is remembered, and the same spec "
                    + "submitted again goes on from there."
        })
final class CancelCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "RUN", description = "The run's id, as 'limbeck submit' and 'limbeck list' say it.")
    private String runId;

    @Mixin
    private OutputOptions outputOptions;

    @Mixin
    private ServerOptions serverOptions;

    @Override
    public Integer call() {
        Console console = parent.console();
        try (Connection connection = new Connection(serverOptions, console.json())) {
            new Runs(connection).cancel(runId);
        }
        if (outputOptions.json()) {
            console.printJson(Map.of("runId", runId, "state", "cancelling"));
        } else {
            console.print("run %s is being cancelled; 'limbeck status %s' says when its workers have heard of it"
                    .formatted(runId, runId));
        }
        return ExitCodes.DONE;
    }
}
