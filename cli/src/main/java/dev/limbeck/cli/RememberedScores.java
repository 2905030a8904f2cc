package dev.limbeck.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** What was evaluated, a line each in a file, so that a command goes on where it was killed; a line that was cut off is left out. */
final class RememberedScores {

    private final Path file;
    private final Map<String, Double> scores = new HashMap<>();

    RememberedScores(Path file) {
        this.file = file;
        try {
            for (String line : Files.exists(file) ? Files.readString(file).split("\n") : new String[0]) {
                String[] fields = line.split(" ");
                if (fields.length == 3 && fields[2].equals(".")) {
                    scores.put(fields[0], Double.valueOf(fields[1]));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    double of(String key, DoubleSupplier score) {
        Double known = scores.get(key);
        if (known != null) {
            return known;
        }
        double value = score.getAsDouble();
        scores.put(key, value);
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            // a line that was cut off before ends here
            Files.writeString(
                    file, "\n" + key + " " + value + " .", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
        return value;
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
