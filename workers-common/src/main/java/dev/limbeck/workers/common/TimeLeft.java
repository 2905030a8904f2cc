package dev.limbeck.workers.common;

import java.util.OptionalLong;

/**
 * Estimates when a step will end, from how long its pieces took on average so far.
 *
 * <p>The estimate counts down between pieces and moves only part of the way to each new one, so that it does not jump about where
 * pieces end in bursts. Pieces that are done within the first seconds may be remembered ones and say nothing.
 */
public final class TimeLeft {

    private static final long SETTLING_NANOS = 2_000_000_000L;

    private static final double NEW_SHARE = 0.3;

    private final long settled;
    private long from;
    private long doneThen;
    private long lastDone;
    private long end;

    public TimeLeft(long start, long done) {
        settled = start + SETTLING_NANOS;
        settle(start, done);
    }

    private void settle(long now, long done) {
        from = now;
        doneThen = done;
        lastDone = done;
    }

    /** @return nanoseconds; empty while nothing is known, and at the end */
    public OptionalLong estimate(long now, long done, long total) {
        if (now < settled) {
            settle(now, done);
        }
        long gained = done - doneThen;
        if (gained <= 0 || done >= total) {
            return OptionalLong.empty();
        }
        long fresh = now + (long) ((double) (now - from) / gained * (total - done));
        if (end == 0) {
            end = fresh;
        } else if (done != lastDone) {
            end += (long) (NEW_SHARE * (fresh - end));
        }
        lastDone = done;
        // a piece that takes longer than all before: the end cannot be nearer than by the mean, this piece included
        if (end <= now) {
            end = fresh;
        }
        return OptionalLong.of(end - now);
    }
}
