package dev.limbeck.cli;

import dev.limbeck.schemas.LimbeckVersion;
import dev.limbeck.workers.common.Json;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code limbeck} command: distils a trained network into the fastest ones that fit your devices. */
@Command(
        name = "limbeck",
        mixinStandardHelpOptions = true,
        header = "Distils a trained network into the fastest ones that fit your devices.",
        description = {
            "Give it a trained network (an ONNX file), your data and the devices it must run on. For every device it gives "
                    + "back the networks that are best in accuracy against measured latency: finetuned, quantized to integer "
                    + "kernels, with a report."
        },
        footer = {
            "",
            "Try it:",
            "  limbeck run examples/fashion-mnist/quick.yaml",
            "  limbeck inspect examples/fashion-mnist/reference.onnx",
            "",
            "Exit codes: 0 done, 1 failed or missed a goal of the spec, 2 wrong usage or bad input, 3 still running, "
                    + "4 no server answers, 130 stopped by Ctrl-C.",
            "'limbeck help COMMAND' explains one command."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RunCommand.class,
            NewCommand.class,
            TrainCommand.class,
            EvaluateCommand.class,
            QuantizeCommand.class,
            EqualizeCommand.class,
            CompressCommand.class,
            CompareCommand.class,
            AnalyzeCommand.class,
            MeasureCommand.class,
            TuneCommand.class,
            InspectCommand.class,
            ReportCommand.class,
            SubmitCommand.class,
            StatusCommand.class,
            ListCommand.class,
            WatchCommand.class,
            CancelCommand.class,
            RequestCommand.class,
            TriggerCommand.class,
            ScheduleCommand.class,
            UpCommand.class,
            WorkerCommand.class,
            DevicesCommand.class,
            HelpCommand.class
        })
public final class Limbeck {

    private final Console console;

    Limbeck(Console console) {
        this.console = console;
    }

    public static void main(String[] arguments) {
        System.exit(execute(ofThisProcess(), arguments));
    }

    /** This process's own. */
    static Console ofThisProcess() {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        // the launcher knows; System.console() tells standard input and output, not standard error
        int columns = Integer.getInteger("limbeck.columns", 0);
        return new Console(out, err, columns, Json.mapper());
    }

    /** Runs one command; @return its exit code */
    static int execute(Console console, String... arguments) {
        return commandLine(console).execute(arguments);
    }

    static CommandLine commandLine(Console console) {
        return configured(new CommandLine(new Limbeck(console)), console);
    }

    /** Says things as all of our commands do. */
    static CommandLine configured(CommandLine limbeck, Console console) {
        describe(limbeck);
        return limbeck.setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setOut(console.out())
                .setErr(console.err())
                .setParameterExceptionHandler((mistake, given) -> explain(console, mistake, given))
                .setExecutionExceptionHandler((failure, command, parsed) -> explain(console, failure));
    }

    /** What the help of all commands has in common; each answers --version, not only the first. */
    private static void describe(CommandLine command) {
        command.getCommandSpec()
                .versionProvider(new Version())
                .usageMessage()
                .abbreviateSynopsis(true)
                .descriptionHeading("%n")
                .parameterListHeading("%nArguments:%n")
                .optionListHeading("%nOptions:%n")
                .commandListHeading("%nCommands:%n");
        command.getSubcommands().values().forEach(Limbeck::describe);
    }

    Console console() {
        return console;
    }

    /** Tells picocli what the build wrote down. */
    static final class Version implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            return new String[] {"limbeck " + LimbeckVersion.current()};
        }
    }

    /** Wrong usage: what is wrong, and where it says what would be right. */
    private static int explain(Console console, ParameterException mistake, String... given) {
        CommandLine command = mistake.getCommandLine();
        if (!(command.getCommand() instanceof Callable) && !(mistake instanceof UnmatchedArgumentException)) {
            if (mistake.getMessage().startsWith("Unknown subcommand")) {
                console.say("limbeck: " + mistake.getMessage());
            }
            command.usage(console.err());
            return ExitCodes.BAD_INPUT;
        }
        console.say("limbeck: " + Mistakes.describe(mistake, given));
        console.say("limbeck: '" + command.getCommandSpec().qualifiedName() + " --help' says what is possible");
        return ExitCodes.BAD_INPUT;
    }

    private static int explain(Console console, Throwable failure) {
        Optional<String> mistake = Failures.mistake(failure);
        if (mistake.isPresent()) {
            console.say("limbeck: " + mistake.get());
            return Failures.isUnreachable(failure) ? ExitCodes.UNREACHABLE : ExitCodes.BAD_INPUT;
        }
        console.say("limbeck: failed: " + Failures.describe(failure));
        if (System.getenv("LIMBECK_TRACE") == null) {
            console.say("limbeck: set LIMBECK_TRACE=1 to see where it failed");
        } else {
            console.say(Failures.trace(failure));
        }
        return ExitCodes.FAILED;
    }
}
