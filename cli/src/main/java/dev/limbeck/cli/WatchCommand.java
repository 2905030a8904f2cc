package dev.limbeck.cli;

import dev.limbeck.workflows.RunRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Watches a run that was submitted. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description =
                "Watches a run to its end, and prints it as JSON; exit codes are those of 'limbeck submit --wait'.",
        footer = {"", "Example:", "  limbeck watch quick-0123456789ab --temporal temporal:7233 --store /shared/limbeck"
        })
final class WatchCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "RUN", description = "The run's id, as 'limbeck submit' and 'limbeck list' say it.")
    private String runId;

    @Mixin
    private WatchOptions watchOptions;

    @Mixin
    private ServerOptions serverOptions;

    @Override
    public Integer call() {
        Console console = parent.console();
        try (StopSignal stop = new StopSignal();
                Connection connection = new Connection(serverOptions, console.json());
                Watch watch = new Watch(console, connection, watchOptions, stop)) {
            RunRequest request = new Runs(connection).request(runId);
            watch.check(request.spec());
            return watch.follow(request);
        }
    }
}
