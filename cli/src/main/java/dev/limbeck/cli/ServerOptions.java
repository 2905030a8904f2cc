package dev.limbeck.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which servers and which store a command uses; those left out run inside this process. */
final class ServerOptions {

    @Option(
            names = "--temporal",
            paramLabel = "HOST:PORT",
            description = "A Temporal server; without it one runs inside this process.")
    private String temporal;

    @Option(
            names = "--kafka",
            paramLabel = "HOST:PORT",
            description = "A Kafka broker; without it one runs inside this process.")
    private String kafka;

    @Option(
            names = "--store",
            defaultValue = ".limbeck",
            paramLabel = "DIR",
            description =
                    "Folder of artifacts, remembered results and the embedded broker's log; default: ${DEFAULT-VALUE}.")
    private Path store;

    @Option(
            names = "--metrics-port",
            defaultValue = "0",
            paramLabel = "PORT",
            description = "Where Prometheus reads the metrics; 0, the default, takes any free port.")
    private int metricsPort;

    String temporal() {
        return temporal;
    }

    String kafka() {
        return kafka;
    }

    Path store() {
        return store;
    }

    int metricsPort() {
        return metricsPort;
    }
}
