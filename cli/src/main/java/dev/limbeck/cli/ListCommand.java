package dev.limbeck.cli;

import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** Lists runs. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Lists the runs that a Temporal server knows, the newest first.")
final class ListCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Mixin
    private OutputOptions outputOptions;

    @Mixin
    private ServerOptions serverOptions;

    @Override
    public Integer call() {
        Console console = parent.console();
        try (Connection connection = new Connection(serverOptions, console.json())) {
            List<Runs.Entry> runs = new Runs(connection).list();
            if (outputOptions.json()) {
                console.printJson(runs);
            } else if (runs.isEmpty()) {
                console.say("the server knows no runs");
            } else {
                runs.forEach(run -> console.print("%-10s  %s  %s"
                        .formatted(run.state(), run.started().truncatedTo(ChronoUnit.SECONDS), run.runId())));
            }
        }
        return ExitCodes.DONE;
    }
}
