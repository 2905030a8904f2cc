package dev.limbeck.workers.device;

import dev.limbeck.schemas.DeviceState.Canary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What the reference network took when the device was well; the last {@value #LENGTH} times. */
final class CanaryHistory {

    /** So many measurements make a history; before that nothing drifts. */
    static final int FOUNDATION = 3;

    private static final int LENGTH = 16;

    private final List<Canary> canaries = new ArrayList<>();

    /** @param earlier oldest first */
    CanaryHistory(List<Canary> earlier) {
        canaries.addAll(earlier);
    }

    List<Canary> canaries() {
        return List.copyOf(canaries);
    }

    boolean isFounded() {
        return canaries.size() >= FOUNDATION;
    }

    void add(Canary canary) {
        canaries.add(canary);
        if (canaries.size() > LENGTH) {
            canaries.removeFirst();
        }
    }

    void clear() {
        canaries.clear();
    }

    /** Whether none of them is further than a limit from their median. */
    static boolean agree(List<Canary> canaries, double limit) {
        CanaryHistory history = new CanaryHistory(canaries);
        return canaries.stream().noneMatch(canary -> history.drift(canary).isBeyond(limit));
    }

    /** How much longer than usual each precision takes: measured / median - 1; 0 where nothing is usual yet. */
    Drift drift(Canary measured) {
        if (canaries.isEmpty()) {
            return new Drift(0, 0);
        }
        Canary usual = median(canaries);
        return new Drift(
                measured.fp32Millis() / usual.fp32Millis() - 1, measured.int8Millis() / usual.int8Millis() - 1);
    }

    /** Precision by precision. */
    static Canary median(List<Canary> canaries) {
        return new Canary(median(canaries, Canary::fp32Millis), median(canaries, Canary::int8Millis));
    }

    private static double median(List<Canary> canaries, ToDoubleFunction<Canary> precision) {
        double[] sorted = canaries.stream().mapToDouble(precision).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Relative to the history; positive where slower. */
    record Drift(double fp32, double int8) {

        boolean isBeyond(double limit) {
            return Math.abs(fp32) > limit || Math.abs(int8) > limit;
        }

        /** Whether it is beyond the limit because of precisions that are faster, and of none that is slower. */
        boolean isOnlyFaster(double limit) {
            return isBeyond(limit) && fp32 <= limit && int8 <= limit;
        }

        /** In words, of the precision that drifts more. */
        String words() {
            boolean floats = Math.abs(fp32) >= Math.abs(int8);
            double drift = floats ? fp32 : int8;
            return "the reference network is %.0f %% %s than usual in %s"
                    .formatted(100 * Math.abs(drift), drift > 0 ? "slower" : "faster", floats ? "FP32" : "INT8");
        }
    }
}
