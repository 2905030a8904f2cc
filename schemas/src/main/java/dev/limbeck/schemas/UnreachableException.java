package dev.limbeck.schemas;

/** No server answers where one was named. */
public final class UnreachableException extends BadInputException {

    private static final long serialVersionUID = 1L;

    /** @param message which, where, and what to do */
    public UnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
