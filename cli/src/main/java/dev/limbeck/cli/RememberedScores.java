package dev.limbeck.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What was evaluated or measured, a line each in a file, so that a command goes on where it was killed; a line that was cut off is left
 * out.
 */
final class RememberedScores {

    private static final String END = ".";

    private final Path file;
    private final Map<String, List<Double>> scores = new HashMap<>();

    RememberedScores(Path file) {
        this.file = file;
        try {
            for (String line : Files.exists(file) ? Files.readString(file).split("\n") : new String[0]) {
                List<String> fields = List.of(line.split(" "));
                if (fields.size() > 2 && fields.getLast().equals(END)) {
                    scores.put(
                            fields.getFirst(),
                            fields.subList(1, fields.size() - 1).stream()
                                    .map(Double::valueOf)
                                    .toList());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    /** Whether an earlier command has left any. */
    boolean any() {
        return !scores.isEmpty();
    }

    double of(String key, DoubleSupplier score) {
        return ofAll(key, () -> List.of(score.getAsDouble())).getFirst();
    }

    /** Several that only tell something beside each other: all of them are remembered, or none. */
    List<Double> ofAll(String key, Supplier<List<Double>> made) {
        List<Double> known = scores.get(key);
        if (known != null) {
            return known;
        }
        List<Double> values = made.get();
        scores.put(key, values);
        String line = values.stream().map(String::valueOf).collect(Collectors.joining(" "));
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            // a line that was cut off before ends here
            Files.writeString(
                    file, "\n" + key + " " + line + " " + END, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
        return values;
    }

    /** The work is done. */
    void forget() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be deleted", e);
        }
    }
}
