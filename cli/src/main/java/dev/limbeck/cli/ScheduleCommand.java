package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.DriftEvent;
import dev.limbeck.workflows.RemeasureRequest;
import dev.limbeck.workflows.RunOutcome;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Has fronts measured again, time and again. */
@Command(
        name = "schedule",
        mixinStandardHelpOptions = true,
        description = {
            "Has the fronts of finished runs measured again on their devices at regular times, and says where latencies have drifted.",
            "",
            "The reference is measured in turns with each front, so that a machine that has become slower is told from a network that "
                    + "has. A drift is an event on limbeck.drift and a metric, limbeck_front_drift_ratio; 'list' shows the last one."
        },
        synopsisSubcommandLabel = "(add | list | remove)",
        subcommands = {
            ScheduleCommand.AddCommand.class,
            ScheduleCommand.ListCommand.class,
            ScheduleCommand.RemoveCommand.class,
            HelpCommand.class
        },
        footer = {
            "",
            "Example:",
            "  limbeck schedule add quick-0123456789ab --every 1d --temporal temporal:7233 --store /shared/limbeck"
        })
final class ScheduleCommand {

    @ParentCommand
    private Limbeck parent;

    /** What all of them ask and how they answer. */
    private abstract static class Subcommand implements Callable<Integer> {

        @ParentCommand
        private ScheduleCommand group;

        @Mixin
        private OutputOptions outputOptions;

        @Mixin
        private ServerOptions serverOptions;

        /** @throws BadInputException if an option's value is none, before any server is asked */
        void check() {}

        /** @return what {@code --json} prints, and what else is said */
        abstract Answer answer(Connection connection);

        @Override
        public final Integer call() {
            check();
            Console console = group.parent.console();
            try (Connection connection = new Connection(serverOptions, console.json())) {
                Answer answer = answer(connection);
                if (outputOptions.json()) {
                    console.printJson(answer.json());
                } else {
                    answer.lines().forEach(console::print);
                }
            }
            return ExitCodes.DONE;
        }
    }

    private record Answer(Object json, List<String> lines) {}

    /** Makes a schedule. */
    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            description = "Makes the schedule of a completed run, or changes the one that it has.")
    static final class AddCommand extends Subcommand {

        private static final Duration LEAST = Duration.ofMinutes(1);

        @Parameters(paramLabel = "RUN", description = "The run's id, as 'limbeck list' says it.")
        private String runId;

        @Option(
                names = "--every",
                defaultValue = "1d",
                converter = Durations.class,
                paramLabel = "TIME",
                description =
                        "How often, such as 6h or 1d; times are whole multiples of it since 1970, so that 1d is at midnight UTC; "
                                + "default: ${DEFAULT-VALUE}.")
        private Duration every;

        @Option(
                names = "--tolerance",
                defaultValue = "5%",
                converter = Shares.class,
                paramLabel = "X%",
                description =
                        "A latency, or its ratio to the reference's, that differs by more has drifted; default: ${DEFAULT-VALUE}.")
        private double tolerance;

        @Option(names = "--now", description = "Measure at once, too.")
        private boolean now;

        @Override
        void check() {
            if (every.compareTo(LEAST) < 0) {
                throw new BadInputException("--every is " + every.toSeconds() + " s; give 1m or more");
            }
            if (tolerance == 0) {
                throw new BadInputException("--tolerance is 0; no two measurements agree so well, give 1% or more");
            }
        }

        @Override
        Answer answer(Connection connection) {
            Runs runs = new Runs(connection);
            RunOutcome outcome = runs.outcome(runId);
            List<RemeasureRequest.Front> fronts = new Fronts(runs.request(runId).spec(), outcome)
                    .of(connection.store().get(outcome.results()));
            if (fronts.isEmpty()) {
                throw new BadInputException("run " + runId + " has no scenarios: nothing was measured");
            }
            RemeasureRequest request = new RemeasureRequest(runId, tolerance, fronts);
            boolean made = new Schedules(connection.temporal()).put(request, every, now);
            List<String> lines = new ArrayList<>();
            lines.add("run %s is measured again every %s%s:"
                    .formatted(runId, words(every), made ? "" : ", as its schedule says now"));
            for (RemeasureRequest.Front front : fronts) {
                lines.add("  %s: the reference and %d networks on class '%s'"
                        .formatted(
                                front.scenario(),
                                front.networks().size(),
                                front.conditions().deviceClass()));
            }
            Map<String, Object> json = Map.of(
                    "runId", runId,
                    "made", made,
                    "everySeconds", every.toSeconds(),
                    "tolerance", tolerance,
                    "fronts", fronts);
            return new Answer(json, lines);
        }
    }

    /** Lists schedules. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists the schedules that a Temporal server keeps, and what each of them found last.")
    static final class ListCommand extends Subcommand {

        @Override
        Answer answer(Connection connection) {
            List<Schedules.Entry> entries = new Schedules(connection.temporal()).list();
            return new Answer(
                    entries,
                    entries.stream().flatMap(entry -> lines(entry).stream()).toList());
        }
    }

    /** Ends a schedule. */
    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = "Ends a run's schedule; a measurement that is under way comes to its end.")
    static final class RemoveCommand extends Subcommand {

        @Parameters(paramLabel = "RUN", description = "The run's id, as 'limbeck schedule list' says it.")
        private String runId;

        @Override
        Answer answer(Connection connection) {
            new Schedules(connection.temporal()).remove(runId);
            return new Answer(
                    Map.of("runId", runId, "removed", true), List.of("run " + runId + " is not measured again"));
        }
    }

    static List<String> lines(Schedules.Entry entry) {
        List<String> lines = new ArrayList<>();
        lines.add("%s  every %s  next %s  measured %s"
                .formatted(
                        entry.runId(),
                        words(Duration.ofSeconds(entry.everySeconds())),
                        entry.next(),
                        entry.measured() == null ? "never" : entry.measured().truncatedTo(ChronoUnit.SECONDS)));
        entry.fronts().forEach(front -> lines.add("  " + verdict(front)));
        return lines;
    }

    private static String verdict(DriftEvent front) {
        String what = front.machineDrifts() && front.networksDrift()
                ? "machine and networks drift"
                : front.machineDrifts() ? "the machine drifts" : front.networksDrift() ? "networks drift" : "steady";
        return "%s on %s: %s (reference %+.1f %%, ratios up to %+.1f %%, tolerance %.1f %%)%s"
                .formatted(
                        front.scenario(),
                        front.device(),
                        what,
                        100 * front.reference().drift(),
                        100 * front.networksDriftMost(),
                        100 * front.tolerance(),
                        front.valid() ? "" : ", on a restless machine");
    }

    private static String words(Duration every) {
        if (every.toSeconds() % Duration.ofDays(1).toSeconds() == 0) {
            return every.toDays() + " d";
        }
        if (every.toSeconds() % Duration.ofHours(1).toSeconds() == 0) {
            return every.toHours() + " h";
        }
        return every.toSeconds() % 60 == 0 ? every.toMinutes() + " min" : every.toSeconds() + " s";
    }
}
