package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a command writes the network that it makes. */
final class OutputFile {

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description = "The ONNX file to write; required.")
    private Path path;

    Path path() {
        return path;
    }

    /**
     * Looks before any work is done for it.
     *
     * @throws BadInputException if no file can be written there
     */
    void check() {
        checkFile(path, "--output");
    }

    /**
     * As {@link #check()}, where it is made of another one.
     *
     * @throws BadInputException if that one would be lost, too
     */
    void check(Path model) {
        checkFile(path, "--output");
        try {
            if (Files.exists(path) && Files.exists(model) && Files.isSameFile(path, model)) {
                throw new BadInputException(
                        path + " is the network itself, which would be lost; give another file by --output");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be looked at", e);
        }
    }

    /** As {@link #check()}, of any file, by the option that names it. */
    static void checkFile(Path path, String option) {
        Path folder = path.toAbsolutePath().getParent();
        while (!Files.exists(folder)) {
            folder = folder.getParent();
        }
        if (Files.isDirectory(path) || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new BadInputException(path + " cannot be written ("
                    + (Files.isDirectory(path)
                            ? "it is a folder"
                            : folder + (Files.isDirectory(folder) ? " is not yours to write in" : " is no folder"))
                    + "); give another file by " + option);
        }
    }
}
