package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.TimeLeft;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ProgressBarTest {

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private long seconds;

    @Test
    void aPipeGetsPlainLinesNowAndThen() {
        ProgressBar bar = bar(0);
        bar.report("start", 0, 0, "");
        for (seconds = 0; seconds <= 20; seconds++) {
            bar.report("train", seconds, 20, "");
        }

        assertThat(lines())
                .containsExactly(
                        "start",
                        "  0 %  train  0/20",
                        " 25 %  train  5/20  15 s left",
                        " 50 %  train  10/20  10 s left",
                        " 75 %  train  15/20  5 s left",
                        "100 %  train  20/20  in 20 s");
    }

    @Test
    void aPipeGetsTheSameLineOnceAMinute() {
        ProgressBar bar = bar(0);
        for (seconds = 0; seconds <= 125; seconds++) {
            bar.report("train", 0, 20, "");
        }

        assertThat(lines()).hasSize(3).containsOnly("  0 %  train  0/20");
    }

    @Test
    void aTerminalGetsOneLineThatFits() {
        ProgressBar bar = bar(60);
        bar.report("train", 1, 4, "loss 0.25, and much that nobody can read in a line as short as this one");
        seconds = 1;
        bar.report("train", 2, 4, "");
        bar.close();

        String redraw = "\r\u001b[2K";
        String[] drawn = said().stripTrailing().substring(redraw.length()).split(Pattern.quote(redraw));
        assertThat(drawn).hasSize(2);
        assertThat(drawn[0]).hasSize(59).startsWith("███████░").contains(" 25 %  train  1/4  loss");
        assertThat(drawn[1]).endsWith(" 50 %  train  2/4");
    }

    @Test
    void timeLeftIsNotThatOfRememberedPieces() {
        ProgressBar bar = bar(0);
        bar.report("train", 0, 100, "");
        bar.report("train", 60, 100, "");
        seconds = 10;
        bar.report("train", 61, 100, "");

        assertThat(lines().getLast()).endsWith("6 min 30 s left");
    }

    @Test
    void timeLeftDoesNotJumpWherePiecesEndInBursts() {
        TimeLeft left = new TimeLeft(0, 0);
        List<Long> estimates = new ArrayList<>();
        for (seconds = 3; seconds < 200; seconds++) {
            // eight pieces end together every sixteen seconds
            left.estimate(nanos(), seconds / 16 * 8, 100).ifPresent(nanos -> estimates.add(nanos / 1_000_000_000L));
        }

        assertThat(estimates).isNotEmpty();
        for (int i = 1; i < estimates.size(); i++) {
            assertThat(estimates.get(i) - estimates.get(i - 1))
                    .as("second %d", i)
                    .isBetween(-20L, 20L);
        }
        assertThat(estimates.getLast()).isLessThan(20L);
    }

    private ProgressBar bar(int columns) {
        Console console = new Console(
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                columns,
                Json.mapper());
        return new ProgressBar(console, this::nanos);
    }

    private long nanos() {
        return seconds * 1_000_000_000L;
    }

    private List<String> lines() {
        return Arrays.asList(said().split("\n"));
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
