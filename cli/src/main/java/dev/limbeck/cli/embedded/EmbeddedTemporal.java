package dev.limbeck.cli.embedded;

import dev.limbeck.schemas.BadInputException;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.temporal.internal.testservice.GRPCServerHelper;
import io.temporal.internal.testservice.TestServicesStarter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Temporal's in-process server, on the loopback interface. It keeps workflows in memory only; what activities made is remembered in
 * the artifact store.
 *
 * <p>The library's own entry point listens on every interface, where anybody near could start work; so its services are put behind
 * a server of our own.
 */
public final class EmbeddedTemporal implements AutoCloseable {

    private static final long SHUTDOWN_SECONDS = 2;

    private final TestServicesStarter services;
    private final Server server;

    /** Takes any free port. */
    public EmbeddedTemporal() {
        this(0);
    }

    /**
     * @param port on the loopback interface; 0 for any free one
     * @throws BadInputException if the port is in use
     */
    public EmbeddedTemporal(int port) {
        // true locks time skipping: timers run in real time
        services = new TestServicesStarter(true, 0);
        NettyServerBuilder builder =
                NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        GRPCServerHelper.registerServicesAndHealthChecks(services.getServices(), builder);
        server = builder.build();
        try {
            server.start();
        } catch (IOException e) {
            close();
            throw new BadInputException(
                    "the embedded Temporal server cannot listen on port " + port
                            + ", which is in use; choose another one, or 0 for any free one",
                    e);
        }
    }

    /** host:port, for any Temporal client. */
    public String address() {
        return "127.0.0.1:" + server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        services.close();
    }
}
