package dev.limbeck.cli;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.Progress;
import java.util.function.LongSupplier;

/**
 * Shows progress: a bar that is redrawn, with the time left, on a terminal; a plain line now and then elsewhere.
 */
final class ProgressBar implements Progress, AutoCloseable {

    private static final int WIDTH = 28;
    private static final long REDRAW_NANOS = 100_000_000L;
    private static final long PLAIN_LINE_NANOS = 5_000_000_000L;

    private final Console console;
    private final LongSupplier nanoTime;
    private String step = "";
    private long stepStart;
    private long firstDone;
    private long lastShown;
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
            firstDone = done;
        }
        boolean last = total > 0 && done >= total;
        if (!first && !last && now - lastShown < (console.isTerminal() ? REDRAW_NANOS : PLAIN_LINE_NANOS)) {
            return;
        }
        lastShown = now;
        String line = line(done, total, detail, now);
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

    private String line(long done, long total, String detail, long now) {
        StringBuilder line = new StringBuilder();
        if (total > 0) {
            int filled = (int) Math.min(WIDTH, WIDTH * done / total);
            line.append("█".repeat(filled)).append("░".repeat(WIDTH - filled)).append(' ');
            line.append(String.format("%3d %%  ", 100 * done / total));
        }
        line.append(step);
        if (total > 0) {
            line.append("  ").append(done).append('/').append(total);
        }
        if (!detail.isEmpty()) {
            line.append("  ").append(detail);
        }
        long gained = done - firstDone;
        if (total > 0 && gained > 0 && done < total) {
            line.append("  ")
                    .append(duration((now - stepStart) / gained * (total - done)))
                    .append(" left");
        } else if (done >= total) {
            line.append("  in ").append(duration(now - stepStart));
        }
        return line.toString();
    }

    private static String duration(long nanos) {
        long seconds = nanos / 1_000_000_000L;
        return seconds < 60 ? seconds + " s" : seconds / 60 + " min " + seconds % 60 + " s";
    }
}
