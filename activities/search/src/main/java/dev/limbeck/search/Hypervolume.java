package dev.limbeck.search;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** The area that a front dominates, exact in two dimensions (Zitzler and Thiele 1999). */
public final class Hypervolume {

    private Hypervolume() {}

    /**
     * @param items dominated ones do not matter, nor does their order
     * @param worstAccuracy and {@code worstLatency}: the reference point; items that are not better in both add nothing
     * @return area, in the unit of accuracy times that of latency
     */
    public static <T> double of(
            List<T> items,
            ToDoubleFunction<T> accuracy,
            ToDoubleFunction<T> latency,
            double worstAccuracy,
            double worstLatency) {
        List<T> inside = items.stream()
                .filter(i -> accuracy.applyAsDouble(i) > worstAccuracy && latency.applyAsDouble(i) < worstLatency)
                .toList();
        double area = 0;
        double reached = worstAccuracy;
        for (T item : ParetoFront.of(inside, accuracy, latency).members()) {
            area += (accuracy.applyAsDouble(item) - reached) * (worstLatency - latency.applyAsDouble(item));
            reached = accuracy.applyAsDouble(item);
        }
        return area;
    }
}
