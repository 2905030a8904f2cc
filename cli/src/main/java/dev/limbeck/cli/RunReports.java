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
                    + (scenario.after() == null
                            ? "no network"
                            : scenario.after().model()));
            for (Results.Goal goal : scenario.goals()) {
                lines.add("    " + GoalCheck.describe(goal));
            }
        }
        report.missed().forEach(what -> lines.add("  " + what));
        if (Boolean.FALSE.equals(report.goalsMet())) {
            lines.add("a goal of the spec is missed");
        }
        return lines;
    }
}
