package dev.limbeck.schemas;

/** A file cannot be written because its disk is full, or its owner's share of it. */
public final class NoSpaceException extends BadInputException {

    private static final long serialVersionUID = 1L;

    public NoSpaceException(String message, Throwable cause) {
        super(message, cause);
    }
}
