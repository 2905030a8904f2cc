package dev.limbeck.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Draws a run's report anew. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Draws the report of a finished run anew and prints its results.",
        footer = {"", "Example:", "  limbeck report runs/quick"})
final class ReportCommand implements Callable<Integer> {

    @ParentCommand
    private Limbeck parent;

    @Parameters(paramLabel = "RUN", description = "The run's folder, with results.json in it.")
    private Path folder;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        RunFolder run = new RunFolder(folder);
        if (!run.onlyQuantizes()) {
            run.writeReport();
        }
        run.summarize(parent.console(), outputOptions.json());
        return ExitCodes.DONE;
    }
}
