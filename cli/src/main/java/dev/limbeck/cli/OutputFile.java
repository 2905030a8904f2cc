package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
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
        check(path);
    }

    /** As {@link #check()}, of any file. */
    static void check(Path path) {
        Path folder = path.toAbsolutePath().getParent();
        while (!Files.exists(folder)) {
            folder = folder.getParent();
        }
        if (Files.isDirectory(path) || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new BadInputException(path + " cannot be written ("
                    + (Files.isDirectory(path)
                            ? "it is a folder"
                            : folder + (Files.isDirectory(folder) ? " is not yours to write in" : " is no folder"))
                    + "); give another file by --output");
        }
    }
}
