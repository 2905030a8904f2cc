package dev.limbeck.cli.embedded;

import io.temporal.testserver.TestServer;

/**
 * Temporal's in-process server. It keeps workflows in memory only; what activities made is remembered in the artifact store.
 */
public final class EmbeddedTemporal implements AutoCloseable {

    private final TestServer.PortBoundTestServer server;
    private final int port;

    public EmbeddedTemporal() {
        port = Ports.free();
        // true locks time skipping: timers run in real time
        server = TestServer.createPortBoundServer(port, true);
    }

    /** host:port, for any Temporal client. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        server.close();
    }
}
