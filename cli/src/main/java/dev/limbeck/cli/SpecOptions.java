package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The spec that a command is given, and which files it may name. */
final class SpecOptions {

    @Parameters(paramLabel = "SPEC.yaml", description = "What to do.")
    private Path spec;

    @Option(
            names = "--allow",
            paramLabel = "DIR",
            description = "A folder besides the spec's own whose files the spec may name; may be given several times.")
    private List<Path> allowed = new ArrayList<>();

    Path file() {
        return spec;
    }

    /** @throws BadInputException if there is something to mend in the spec or its reference */
    Job read() {
        return Job.read(spec, allowed);
    }
}
