package dev.limbeck.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Says where a run stands. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Says where a run stands, and goal by goal what it came to.",
        footer = {
            "",
            "Exit codes: 0 running, or done and goals met, 1 failed or a goal missed, 2 no such run, 4 no server answers."
        })
final class StatusCommand implements Callable<Integer> {

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
            RunReport report = new Runs(connection).report(runId);
            if (outputOptions.json()) {
                console.printJson(report);
            } else {
                RunReports.lines(report).forEach(console::print);
            }
            return report.exitCode();
        }
    }
}
