package dev.limbeck.store;

/** An artifact is referred to, but the store does not hold it: it was deleted, or the wrong store is used. */
public final class MissingArtifactException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public MissingArtifactException(String digest, String place) {
        super("artifact " + digest + " is not in " + place
                + "; was it deleted, or does this process use another store?");
    }
}
