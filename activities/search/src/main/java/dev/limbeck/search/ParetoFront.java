package dev.limbeck.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The members of a collection that no other beats in both accuracy (more is better) and latency (less is better).
 *
 * @param members by ascending latency, and so by ascending accuracy
 */
public record ParetoFront<T>(List<T> members, ToDoubleFunction<T> accuracy, ToDoubleFunction<T> latency) {

    public ParetoFront {
        members = List.copyOf(members);
    }

    /** Finds the front; of several with equal accuracy and latency the first stays. */
    public static <T> ParetoFront<T> of(List<T> items, ToDoubleFunction<T> accuracy, ToDoubleFunction<T> latency) {
        List<T> sorted = new ArrayList<>(items);
        sorted.sort(Comparator.comparingDouble(latency)
                .thenComparing(Comparator.comparingDouble(accuracy).reversed()));
        List<T> front = new ArrayList<>();
        double best = Double.NEGATIVE_INFINITY;
        for (T item : sorted) {
            if (accuracy.applyAsDouble(item) > best) {
                best = accuracy.applyAsDouble(item);
                front.add(item);
            }
        }
        return new ParetoFront<>(front, accuracy, latency);
    }

    /**
     * At most {@code count} members spread evenly along the front, both ends among them.
     *
     * <p>Even means by length along the front, both axes scaled to the front's own range.
     */
    public List<T> spread(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("count is " + count + "; at least 1 is needed");
        }
        int size = members.size();
        if (count >= size) {
            return members;
        }
        if (count == 1) {
            return List.of(members.getLast());
        }
        double[] along = along();
        List<T> chosen = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < count; i++) {
            double target = along[size - 1] * i / (count - 1);
            int last = size - (count - i);
            int nearest = next;
            for (int j = next; j <= last; j++) {
                if (Math.abs(along[j] - target) < Math.abs(along[nearest] - target)) {
                    nearest = j;
                }
            }
            chosen.add(members.get(nearest));
            next = nearest + 1;
        }
        return chosen;
    }

    // Distance of each member from the first, going along the front.
    private double[] along() {
        T first = members.getFirst();
        T last = members.getLast();
        double width = latency.applyAsDouble(last) - latency.applyAsDouble(first);
        double height = accuracy.applyAsDouble(last) - accuracy.applyAsDouble(first);
        double[] along = new double[members.size()];
        for (int i = 1; i < along.length; i++) {
            T a = members.get(i - 1);
            T b = members.get(i);
            along[i] = along[i - 1]
                    + Math.hypot(
                            (latency.applyAsDouble(b) - latency.applyAsDouble(a)) / width,
                            (accuracy.applyAsDouble(b) - accuracy.applyAsDouble(a)) / height);
        }
        return along;
    }
}
