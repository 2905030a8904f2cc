package dev.limbeck.tensor;

/** A computation that libtorch refused, such as shapes that do not fit; the message is the first line of libtorch's own. */
public final class TensorException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public TensorException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Cuts the trace of C++ frames that libtorch appends to its messages. */
    static TensorException of(String where, RuntimeException failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        String first = message.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .findFirst()
                .orElse(message);
        if (failure instanceof NullPointerException) {
            first = "a tensor was used after it, or the scope that it was made in, had been closed";
        }
        return new TensorException(where + ": " + first, failure);
    }
}
