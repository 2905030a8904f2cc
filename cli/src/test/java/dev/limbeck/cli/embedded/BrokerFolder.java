package dev.limbeck.cli.embedded;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;

/** What a Kafka broker that is a process of its own needs. */
public final class BrokerFolder {

    private static final int FIRST_PORT = 20_000;
    private static final int END_PORT = 30_000;

    private BrokerFolder() {}

    /** Some port that nobody listens on, and that no system gives to a client before another process listens on it. */
    public static int freePort() {
        return ThreadLocalRandom.current()
                .ints(FIRST_PORT, END_PORT)
                .filter(Ports::isFree)
                .findFirst()
                .orElseThrow();
    }

    /**
     * Makes a broker's log and settings.
     *
     * @param port of the loopback interface
     * @return the file to start {@code kafka.Kafka} with
     */
    public static Path make(Path folder, int port) throws Exception {
        Path log = folder.resolve("log");
        EmbeddedKafka.format(log);
        Properties settings = BrokerSettings.of(log, port, freePort());
        return write(settings, folder.resolve("server.properties"));
    }

    private static Path write(Properties settings, Path file) throws IOException {
        try (Writer writer = Files.newBufferedWriter(file)) {
            settings.store(writer, null);
        }
        return file;
    }
}
