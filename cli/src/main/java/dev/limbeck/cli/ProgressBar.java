package dev.limbeck.cli;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.Progress;
import dev.limbeck.workers.common.TimeLeft;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Shows progress: a bar that is redrawn, with the time left, on a terminal; a plain line now and then elsewhere.
 */
final class ProgressBar implements Progress, AutoCloseable {

    private static final int WIDTH = 28;
    private static final long SECOND = 1_000_000_000L;
    private static final long REDRAW_NANOS = SECOND / 10;
    private static final long PLAIN_LINE_NANOS = 5 * SECOND;

    /** The same line again is a sign of life, no news. */
    private static final long SAME_LINE_NANOS = 60 * SECOND;

    private final Console console;
    private final LongSupplier nanoTime;
    private String step = "";
    private long stepStart;
    private TimeLeft timeLeft;
    private long lastShown;
    private String lastLine = "";
    private boolean lineOpen;

    ProgressBar(Console console, LongSupplier nanoTime) {
        this.console = requireNonNull(console, "console is null");
        this.nanoTime = requireNonNull(nanoTime, "nanoTime is null");
    }

    @Override
    public synchronized void report(String newStep, long done, long total, String detail) {
        long now = nanoTime.getAsLong();
        boolean first = !newStep.equals(step);
        if (first) {
            finishLine();
            step = newStep;
            stepStart = now;
            timeLeft = new TimeLeft(now, done);
        }
        OptionalLong left = timeLeft.estimate(now, done, total);
        boolean last = total > 0 && done >= total;
        if (!first && !last && now - lastShown < (console.isTerminal() ? REDRAW_NANOS : PLAIN_LINE_NANOS)) {
            return;
        }
        String line = line(done, total, detail, now, left);
        if (!console.isTerminal() && line.equals(lastLine) && now - lastShown < SAME_LINE_NANOS) {
            return;
        }
        lastShown = now;
        lastLine = line;
        if (console.isTerminal()) {
            console.redraw(line);
            lineOpen = true;
        } else {
            console.say(line);
        }
    }

    /** Ends the line that is being redrawn, so that other text may follow. */
    synchronized void finishLine() {
        if (lineOpen) {
            console.say("");
            lineOpen = false;
        }
    }

    @Override
    public void close() {
        finishLine();
    }

    private String line(long done, long total, String detail, long now, OptionalLong left) {
        StringBuilder line = new StringBuilder();
        if (total > 0) {
            if (console.isTerminal()) {
                int filled = (int) Math.min(WIDTH, WIDTH * done / total);
                line.append("█".repeat(filled))
                        .append("░".repeat(WIDTH - filled))
                        .append(' ');
            }
            line.append("%3d %%  ".formatted(100 * done / total));
        }
        line.append(step);
        if (total > 0) {
            line.append("  ").append(done).append('/').append(total);
        }
        left.ifPresent(nanos -> line.append("  ").append(rough(nanos)).append(" left"));
        if (total > 0 && done >= total) {
            line.append("  in ").append(duration((now - stepStart) / SECOND));
        }
        if (!detail.isEmpty()) {
            line.append("  ").append(detail);
        }
        return line.toString();
    }

    /** As exact as an estimate can be: seconds at the end, then tens of seconds, then minutes. */
    private static String rough(long nanos) {
        long seconds = Math.max(1, nanos / SECOND);
        long unit = seconds < 10 ? 1 : seconds < 60 ? 5 : seconds < 600 ? 10 : 60;
        return duration((seconds + unit - 1) / unit * unit);
    }

    private static String duration(long seconds) {
        if (seconds < 60) {
            return seconds + " s";
        }
        long minutes = seconds / 60;
        if (minutes < 60) {
            return minutes + " min" + (seconds % 60 == 0 ? "" : " " + seconds % 60 + " s");
        }
        return minutes / 60 + " h " + minutes % 60 + " min";
    }
}
