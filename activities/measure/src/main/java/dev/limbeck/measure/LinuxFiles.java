package dev.limbeck.measure;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The small files in which Linux describes a machine; what is missing or says nothing is passed over. */
final class LinuxFiles {

    private LinuxFiles() {}

    /** The first line that is not empty. */
    static Optional<String> first(Path file) {
        return lines(file).stream()
                .map(line -> line.replace("\0", "").strip())
                .filter(line -> !line.isEmpty())
                .findFirst();
    }

    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of(); // containers and virtual machines hide many of these files
        }
    }

    static List<Path> entries(Path folder, String glob) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, glob)) {
            stream.forEach(found::add);
        } catch (IOException e) {
            return List.of(); // as above
        }
        return found;
    }

    static Optional<Double> number(String text) {
        try {
            return Optional.of(Double.valueOf(text.strip()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
