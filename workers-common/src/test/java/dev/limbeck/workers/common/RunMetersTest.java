package dev.limbeck.workers.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunMetersTest {

    private static final String RUN = "quick-0123456789ab";
    private static final Instant NOW = Instant.ofEpochSecond(100);

    private final Metrics metrics = Metrics.unserved();
    private final RunMeters runs = metrics.runs();

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void whatIsSaidOfARunThatHasEndedGoesAway() {
        runs.show(
                List.of(new RunMeters.Run(RUN, "search", 0.25, 90.0)),
                List.of(new RunMeters.Tasks("Measure", "limbeck-device-pi4", "waiting", 3)),
                NOW);
        runs.front(RUN, "int8", List.of(new RunMeters.Point(0.9, 2), new RunMeters.Point(0.95, 4)), NOW);
        assertThat(metrics.registry().scrape())
                .contains(
                        "limbeck_runs 1.0",
                        "limbeck_run_stage{run=\"quick\",stage=\"search\"} 1.0",
                        "limbeck_run_progress_ratio{run=\"quick\"} 0.25",
                        "limbeck_run_time_left_seconds{run=\"quick\"} 90.0",
                        "limbeck_tasks{activity_type=\"Measure\",queue=\"limbeck-device-pi4\",state=\"waiting\"} 3.0",
                        "limbeck_front_latency_seconds{point=\"2\",run=\"quick\",scenario=\"int8\"} 0.004",
                        "limbeck_front_updated_timestamp_seconds{run=\"quick\",scenario=\"int8\"} 100.0");

        runs.show(List.of(), List.of(), NOW);
        assertThat(metrics.registry().scrape())
                .contains("limbeck_runs 0.0")
                .doesNotContain("limbeck_run_stage{", "limbeck_run_progress_ratio{", "limbeck_tasks{", "limbeck_front");
    }

    @Test
    void aRunThatHasNeverReportedCountsFromWhenItIsSeen() {
        runs.show(List.of(new RunMeters.Run(RUN, "space", null, null)), List.of(), NOW);
        runs.show(List.of(new RunMeters.Run(RUN, "space", null, null)), List.of(), NOW.plusSeconds(50));
        assertThat(metrics.registry().scrape()).contains("limbeck_run_reported_timestamp_seconds{run=\"quick\"} 100.0");

        runs.reported(RUN, NOW.plusSeconds(60));
        assertThat(metrics.registry().scrape()).contains("limbeck_run_reported_timestamp_seconds{run=\"quick\"} 160.0");
    }

    @Test
    void seriesStayFewHoweverManyNamesThereAre() {
        for (int i = 0; i < 1000; i++) {
            runs.reported("run%d-0123456789ab".formatted(i), NOW);
            metrics.measured("local", "scenario" + i, false);
            metrics.progress("search scenario" + i, 1, 2);
        }
        assertThat(metrics.registry()
                        .scrape()
                        .lines()
                        .filter(line -> line.matches("limbeck_(run_reported|candidates_measured|stage_progress).*")))
                .hasSize(3 * 101)
                .anyMatch(line -> line.contains("scenario=\"other\"} 900.0"))
                .noneMatch(line -> line.contains("0123456789ab"));
    }
}
