package dev.limbeck.cli;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;

/** Where commands speak: prose to standard error, results to standard output. */
final class Console {

    private final PrintStream out;
    private final PrintStream err;
    private final int columns;
    private final ObjectMapper json;

    /** @param columns of the terminal on which a person watches standard error, so that a line may be redrawn; 0 without one */
    Console(PrintStream out, PrintStream err, int columns, ObjectMapper json) {
        this.out = requireNonNull(out, "out is null");
        this.err = requireNonNull(err, "err is null");
        this.columns = columns;
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
        return columns > 0;
    }

    /** Draws over the current line of a terminal; what does not fit into it is cut off, since a second line would stay. */
    void redraw(String text) {
        int end = text.codePointCount(0, text.length()) < columns
                ? text.length()
                : text.offsetByCodePoints(0, Math.max(0, columns - 1));
        err.print("\r\u001b[2K" + text.substring(0, end));
        err.flush();
    }

    /** Where picocli prints help that was asked for. */
    PrintWriter out() {
        return new PrintWriter(out, true);
    }

    /** Where picocli prints help that was not asked for. */
    PrintWriter err() {
        return new PrintWriter(err, true);
    }
}
