package dev.limbeck.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a command writes the network that it makes. */
final class OutputFile {

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FILE",
            description = "The ONNX file to write.")
    private Path path;

    Path path() {
        return path;
    }
}
