package dev.limbeck.cli;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;

/** Where commands speak: prose to standard error, results to standard output. */
final class Console {

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private final ObjectMapper json;

    /** @param terminal whether a person watches standard error, so that a line may be redrawn */
    Console(PrintStream out, PrintStream err, boolean terminal, ObjectMapper json) {
        this.out = requireNonNull(out, "out is null");
        this.err = requireNonNull(err, "err is null");
        this.terminal = terminal;
        this.json = requireNonNull(json, "json is null");
    }

    /** Prose for people. */
    void say(String line) {
        err.println(line);
        err.flush();
    }

    /** A result for people. */
    void print(String line) {
        out.println(line);
        out.flush();
    }

    /** The one JSON document of a command with {@code --json}. */
    void printJson(Object value) {
        try {
            out.println(json.writerWithDefaultPrettyPrinter().writeValueAsString(value));
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the result cannot be written as JSON", e);
        }
    }

    ObjectMapper json() {
        return json;
    }

    boolean isTerminal() {
        return terminal;
    }

    /** Draws over the current line of a terminal. */
    void redraw(String text) {
        err.print("\r\u001b[2K" + text);
        err.flush();
    }
}
