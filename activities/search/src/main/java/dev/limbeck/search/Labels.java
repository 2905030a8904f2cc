package dev.limbeck.search;

import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Finds things by the names that people write, and the nearest ones where a name is wrong. */
final class Labels {

    private Labels() {}

    static <T> T find(T[] values, Function<T, String> label, String wanted, String kind) {
        return Arrays.stream(values)
                .filter(v -> label.apply(v).equals(wanted))
                .findFirst()
                .orElseThrow(() -> new BadInputException("there is no " + kind + " '" + wanted + "'; known are: "
                        + Arrays.stream(values).map(label).collect(Collectors.joining(", "))));
    }

    /** The names that take the fewest edits (Levenshtein 1966) to reach; at most {@code count}. */
    static List<String> nearest(Collection<String> names, String wanted, int count) {
        return names.stream()
                .sorted(Comparator.comparingInt(n -> edits(n, wanted)))
                .limit(count)
                .toList();
    }

    private static int edits(String a, String b) {
        int[] previous = new int[b.length() + 1];
        Arrays.setAll(previous, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substituted, 1 + Math.min(previous[j], row[j - 1]));
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
