package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.GoalCheck;
import dev.limbeck.schemas.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** A run in Markdown, as a CI shows it beside a job's log. */
final class StepSummary {

    private StepSummary() {}

    /** @throws BadInputException if the file cannot be written */
    static void append(Path file, RunReport report) {
        try {
            Files.writeString(file, markdown(report), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new BadInputException(file + ": the summary cannot be written (" + e.getMessage() + ")", e);
        }
    }

    static String markdown(RunReport report) {
        StringBuilder text = new StringBuilder("### Limbeck: `%s` %s\n\n".formatted(report.runId(), verdict(report)));
        if (report.failure() != null) {
            text.append(cell(report.failure())).append("\n\n");
        }
        if (!report.scenarios().isEmpty()) {
            text.append("| scenario | network | accuracy | median latency | speed-up | size |\n")
                    .append("| --- | --- | ---: | ---: | ---: | ---: |\n");
            report.scenarios().forEach(scenario -> rows(text, scenario));
            text.append('\n');
        }
        for (RunReport.Scenario scenario : report.scenarios()) {
            for (Results.Goal goal : scenario.goals()) {
                text.append("- %s %s: %s\n"
                        .formatted(goal.met() ? "✅" : "❌", cell(scenario.title()), GoalCheck.describe(goal)));
            }
        }
        report.missed().forEach(what -> text.append("- ⚠️ ").append(cell(what)).append('\n'));
        return text.append('\n').toString();
    }

    private static String verdict(RunReport report) {
        if (report.goalsMet() == null) {
            return report.state().equals(RunState.RUNNING) ? "is still running ⏳" : report.state() + " ❌";
        }
        boolean asked = report.scenarios().stream()
                .anyMatch(scenario -> !scenario.goals().isEmpty());
        return !asked ? "is done ✅" : report.goalsMet() ? "met its goals ✅" : "missed a goal ❌";
    }

    private static void rows(StringBuilder text, RunReport.Scenario scenario) {
        row(text, "**" + cell(scenario.title()) + "**, before", scenario.before(), scenario.before());
        if (scenario.after() != null) {
            row(text, "after", scenario.after(), scenario.before());
        }
    }

    private static void row(StringBuilder text, String title, RunReport.Network network, RunReport.Network before) {
        boolean timed = network.p50Millis() != null && before.p50Millis() != null;
        text.append("| %s | `%s` | %s | %s | %s | %s |\n"
                .formatted(
                        title,
                        cell(network.model()),
                        format("%.2f %%", 100 * network.accuracy()),
                        timed ? format("%.3f ms", network.p50Millis()) : "–",
                        timed ? format("%.2f x", before.p50Millis() / network.p50Millis()) : "–",
                        network.bytes() == null ? "–" : format("%.1f KiB", network.bytes() / 1024.0)));
    }

    private static String format(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    /** In one cell of a table. */
    private static String cell(String text) {
        return text.replace("|", "\\|").replaceAll("[`\\r\\n]+", " ");
    }
}
