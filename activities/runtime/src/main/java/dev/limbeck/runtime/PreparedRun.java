package dev.limbeck.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;

/** A run whose inputs already lie in native memory: the thing whose time is measured. Must be closed before its session. */
public final class PreparedRun implements AutoCloseable {

    private final OrtSession session;
    private final Feed feed;

    PreparedRun(OrtSession session, Feed feed) {
        this.session = session;
        this.feed = feed;
    }

    /** Runs the network once and throws its outputs away. */
    public void run() {
        try {
            session.run(feed.tensors()).close();
        } catch (OrtException e) {
            throw new IllegalStateException("the network ran before, but fails now: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        feed.close();
    }
}
