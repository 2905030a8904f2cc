package dev.limbeck.cli;

import picocli.CommandLine.Option;

/** How a command answers. */
final class OutputOptions {

    @Option(names = "--json", description = "Print one JSON document to standard output; prose goes to standard error.")
    private boolean json;

    boolean json() {
        return json;
    }
}
