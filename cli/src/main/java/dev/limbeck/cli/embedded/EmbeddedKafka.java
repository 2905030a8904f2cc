package dev.limbeck.cli.embedded;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A real Kafka broker and controller (KRaft) in this process, on the loopback interface; its log outlives the process. */
public final class EmbeddedKafka implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);
    private static final long NEEDED_BYTES = 64 << 20;

    /** Another process may take a free port between our look and the broker's. */
    private static final int ATTEMPTS = 3;

    private final FolderLock lock;
    private final BrokerFaults faults;
    private final int port;
    private final KafkaRaftServer server;

    /** On any free port; a broker that cannot go on ends this process with a message. @see #EmbeddedKafka(Path, int, Consumer) */
    public EmbeddedKafka(Path folder) {
        this(folder, 0, EmbeddedKafka::endProcess);
    }

    /**
     * @param folder of the broker's log, which is made or gone on with
     * @param wantedPort on the loopback interface; 0 for any free one
     * @param onFault told once if the broker cannot go on
     * @throws BadInputException if another process uses the folder or the port, or the folder cannot be written
     */
    public EmbeddedKafka(Path folder, int wantedPort, Consumer<BrokerFault> onFault) {
        requireNonNull(onFault, "onFault is null");
        lock = new FolderLock(folder);
        faults = new BrokerFaults(folder, onFault);
        try {
            checkSpace(folder);
            checkPort(wantedPort);
            Path log = folder.resolve("log").toAbsolutePath();
            format(log);
            faults.install();
            Started started = start(log, wantedPort, 1);
            port = started.port;
            server = started.server;
            faults.running(true);
        } catch (BadInputException e) {
            lock.close();
            throw e;
        } catch (Exception e) {
            lock.close();
            throw new BadInputException(
                    "the embedded Kafka broker cannot start in " + folder + ": " + e.getMessage()
                            + "; delete that folder if it stays so (remembered latencies are then measured anew)",
                    e);
        }
    }

    /** host:port, for any Kafka client. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    private record Started(KafkaRaftServer server, int port) {}

    private static Started start(Path log, int wantedPort, int attempt) {
        int port = wantedPort == 0 ? Ports.free() : wantedPort;
        int controllerPort = Ports.free();
        KafkaRaftServer server =
                new KafkaRaftServer(new KafkaConfig(BrokerSettings.of(log, port, controllerPort), false), Time.SYSTEM);
        try {
            server.startup();
            return new Started(server, port);
        } catch (RuntimeException e) {
            stop(server, e);
            if (attempt < ATTEMPTS && !(Ports.isFree(port) && Ports.isFree(controllerPort))) {
                return start(log, wantedPort, attempt + 1);
            }
            throw e;
        }
    }

    private static void stop(KafkaRaftServer server, RuntimeException reason) {
        try {
            server.shutdown();
            server.awaitShutdown();
        } catch (RuntimeException e) {
            reason.addSuppressed(e);
        }
    }

    private static void checkSpace(Path folder) {
        long usable = folder.toFile().getUsableSpace();
        if (usable < NEEDED_BYTES) {
            throw new BadInputException("the disk of %s has %d MB left, and at least %d MB are needed; free some space"
                    .formatted(folder, usable >> 20, NEEDED_BYTES >> 20));
        }
    }

    private static void checkPort(int port) {
        if (port != 0 && !Ports.isFree(port)) {
            throw new BadInputException("the embedded Kafka broker cannot listen on port " + port
                    + ", which is in use; choose another one, or 0 for any free one");
        }
    }

    static void format(Path log) throws Exception {
        if (!Files.exists(log.resolve("meta.properties"))) {
            new Formatter()
                    .setClusterId(Uuid.randomUuid().toString())
                    .setNodeId(BrokerSettings.NODE)
                    .addDirectory(log.toString())
                    .setControllerListenerName(BrokerSettings.CONTROLLER)
                    .setReleaseVersion(MetadataVersion.latestProduction())
                    .setHasDynamicQuorum(false)
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                    .run();
        }
    }

    /** Nothing can be kept any more, and what was done is remembered: better to end now than to fail piece by piece. */
    private static void endProcess(BrokerFault fault) {
        LOG.error(fault.message());
        Runtime.getRuntime().halt(fault.mendable() ? 2 : 1);
    }

    @Override
    public void close() {
        faults.running(false);
        try {
            server.shutdown();
            server.awaitShutdown();
        } finally {
            lock.close();
        }
    }
}
