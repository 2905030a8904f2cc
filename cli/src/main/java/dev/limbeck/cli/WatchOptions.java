package dev.limbeck.cli;

import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How long a run is watched, and where the end of it is written. */
final class WatchOptions {

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Durations.class,
            description = "Stop watching after so long, such as 90s, 30m or 2h; the run goes on. Default: never.")
    private Duration timeout;

    @Option(
            names = "--runs",
            paramLabel = "DIR",
            description = "Write results.json, report.html and the networks to DIR/<name>, as 'limbeck run' does.")
    private Path runs;

    @Option(
            names = "--junit",
            paramLabel = "FILE",
            description = "Write JUnit XML: a suite for each scenario, a test case for each goal.")
    private Path junit;

    @Option(
            names = "--summary",
            paramLabel = "FILE",
            defaultValue = "${env:GITHUB_STEP_SUMMARY:-}",
            description =
                    "Append a Markdown table, before and after; default: what GITHUB_STEP_SUMMARY names, if it is set.")
    private String summary;

    Duration timeout() {
        return timeout;
    }

    /** Whether something is asked for that there is at the end of a run alone. */
    boolean areGiven() {
        return timeout != null || runs != null || junit != null;
    }

    /** Null for nowhere. */
    Path runs() {
        return runs;
    }

    /** Writes what was asked for. */
    void write(RunReport report) {
        if (junit != null) {
            JUnitReport.write(junit, report);
        }
        if (summary != null && !summary.isEmpty()) {
            StepSummary.append(Path.of(summary), report);
        }
    }
}
