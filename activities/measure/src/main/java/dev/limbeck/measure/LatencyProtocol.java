package dev.limbeck.measure;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How a latency is measured: single stream, one query after the other, as MLPerf LoadGen does it.
 *
 * <p>Each run ends when its minimum duration and its minimum count are both met, or at its maximum duration. Runs are repeated
 * until the last {@code runs} of them have medians that agree, or until {@code maximumRuns}.
 *
 * @param warmUp shortest time of the queries thrown away first
 * @param warmUpCount least number of the queries thrown away first
 * @param minimumDuration of a run
 * @param minimumCount queries of a run
 * @param maximumDuration of a run; ends it even where the minimum count is not met
 * @param runs that must agree, at least 1
 * @param maximumRuns after which measuring ends, agreed or not
 * @param agreement largest allowed (slowest median / fastest median - 1), such as 0.05
 */
public record LatencyProtocol(
        Duration warmUp,
        int warmUpCount,
        Duration minimumDuration,
        int minimumCount,
        Duration maximumDuration,
        int runs,
        int maximumRuns,
        double agreement) {

    public LatencyProtocol {
        requireNonNull(warmUp, "warmUp is null");
        requireNonNull(minimumDuration, "minimumDuration is null");
        requireNonNull(maximumDuration, "maximumDuration is null");
        if (warmUp.isNegative() || minimumDuration.isNegative() || warmUpCount < 0) {
            throw new IllegalArgumentException("a duration or a count is negative");
        }
        if (minimumCount < 1) {
            throw new IllegalArgumentException("minimumCount is " + minimumCount + ", but a median needs 1");
        }
        if (maximumDuration.compareTo(minimumDuration) < 0) {
            throw new IllegalArgumentException(
                    "maximumDuration " + maximumDuration + " is shorter than minimumDuration " + minimumDuration);
        }
        if (runs < 1 || maximumRuns < runs) {
            throw new IllegalArgumentException(
                    "runs is " + runs + " and maximumRuns " + maximumRuns + "; needed: 1 <= runs <= maximumRuns");
        }
        if (!(agreement > 0)) {
            throw new IllegalArgumentException("agreement is " + agreement + ", but must be positive");
        }
    }

    /** For loops over candidates: about a quarter of a second for a small network. */
    public static LatencyProtocol quick() {
        return new LatencyProtocol(
                Duration.ofMillis(40), 5, Duration.ofMillis(60), 15, Duration.ofSeconds(2), 3, 5, 0.05);
    }

    /**
     * For figures in a report: a second for a small network, three where runs disagree. Many short runs, so that a slow spell of the
     * machine hits all networks that are measured in turns.
     */
    public static LatencyProtocol standard() {
        return new LatencyProtocol(
                Duration.ofMillis(300), 20, Duration.ofMillis(200), 50, Duration.ofSeconds(20), 5, 15, 0.05);
    }

    public LatencyProtocol withRuns(int newRuns, int newMaximumRuns) {
        return new LatencyProtocol(
                warmUp,
                warmUpCount,
                minimumDuration,
                minimumCount,
                maximumDuration,
                newRuns,
                newMaximumRuns,
                agreement);
    }

    public LatencyProtocol withMinimum(Duration newDuration, int newCount) {
        Duration maximum = maximumDuration.compareTo(newDuration) < 0 ? newDuration : maximumDuration;
        return new LatencyProtocol(warmUp, warmUpCount, newDuration, newCount, maximum, runs, maximumRuns, agreement);
    }
}
