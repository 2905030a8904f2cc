package dev.limbeck.search;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.EditDistance;
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

    /** The names that take the fewest edits to reach; at most {@code count}. */
    static List<String> nearest(Collection<String> names, String wanted, int count) {
        return names.stream()
                .sorted(Comparator.comparingInt(n -> EditDistance.between(n, wanted)))
                .limit(count)
                .toList();
    }
}
