package dev.limbeck.cli;

import dev.limbeck.schemas.GoalCheck;
import dev.limbeck.schemas.Results;
import java.util.ArrayList;
import java.util.List;

/** Run reports in prose. */
final class RunReports {

    private RunReports() {}

    /** Where a run stands, and goal by goal what it came to. */
    static List<String> lines(RunReport report) {
        List<String> lines = new ArrayList<>();
        lines.add("run " + report.runId() + ": " + report.state()
                + (report.stage() == null ? "" : ", stage '" + report.stage() + "'")
                + (report.failure() == null ? "" : ": " + report.failure()));
        for (RunReport.Scenario scenario : report.scenarios()) {
            lines.add("  " + scenario.title() + ": "
                    + (scenario.after() == null ? "no network" : change(scenario.before(), scenario.after())));
            for (Results.Goal goal : scenario.goals()) {
                lines.add("    " + GoalCheck.describe(goal));
            }
        }
        if (report.scenarios().isEmpty() && report.results() != null) {
            // a run that quantizes, without goals
            report.results()
                    .path("networks")
                    .forEach(network -> lines.add("  %s: accuracy %.2f %%"
                            .formatted(
                                    network.path("model").asText(),
                                    100 * network.path("accuracy").asDouble())));
        }
        report.missed().forEach(what -> lines.add("  " + what));
        if (Boolean.FALSE.equals(report.goalsMet())) {
            lines.add("a goal of the spec is missed");
        }
        return lines;
    }

    private static String change(RunReport.Network before, RunReport.Network after) {
        String accuracy =
                "%s: accuracy %.2f → %.2f %%".formatted(after.model(), 100 * before.accuracy(), 100 * after.accuracy());
        return before.p50Millis() == null || after.p50Millis() == null
                ? accuracy
                : accuracy + ", %.3f → %.3f ms".formatted(before.p50Millis(), after.p50Millis());
    }
}
