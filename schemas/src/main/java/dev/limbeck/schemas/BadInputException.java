package dev.limbeck.schemas;

/**
 * Something that the user must mend: a wrong key, a missing file, an operator that cannot be trained.
 *
 * <p>Its message is complete and is shown as it is: what was wrong, where (file and line, node or tensor name), and what would be
 * right. Commands end with exit code 2; a workflow does not retry it.
 */
public class BadInputException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public BadInputException(String message) {
        super(message);
    }

    public BadInputException(String message, Throwable cause) {
        super(message, cause);
    }
}
