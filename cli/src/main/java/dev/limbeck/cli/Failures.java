package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.NoSpaceException;
import dev.limbeck.schemas.UnreachableException;
import io.temporal.failure.ApplicationFailure;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Optional;
import java.util.Set;

/** Failures in words. */
final class Failures {

    /** Of failures that come from workers the name alone is known. */
    private static final Set<String> MISTAKES =
            Set.of(BadInputException.class.getName(), NoSpaceException.class.getName());

    private Failures() {}

    /** What the user must mend, if that is why it failed: here, or in a worker. */
    static Optional<String> mistake(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BadInputException) {
                return Optional.of(cause.getMessage());
            }
            if (cause instanceof ApplicationFailure remote && MISTAKES.contains(remote.getType())) {
                return Optional.of(remote.getOriginalMessage());
            }
        }
        return Optional.empty();
    }

    /** Whether a server did not answer here; one that did not answer a worker is a failed run. */
    static boolean isUnreachable(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnreachableException) {
                return true;
            }
        }
        return false;
    }

    /** The innermost cause in one line. */
    static String describe(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        String message =
                innermost instanceof ApplicationFailure remote ? remote.getOriginalMessage() : innermost.getMessage();
        return message == null
                ? innermost.getClass().getSimpleName()
                : message.lines().findFirst().orElse("");
    }

    static String trace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
