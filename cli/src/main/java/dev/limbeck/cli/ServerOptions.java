package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import picocli.CommandLine.Option;

/** Which servers and which store a command uses; those left out run inside this process. */
final class ServerOptions {

    static final String DEFAULT_STORE = ".limbeck";

    private static final int LAST_PORT = 65_535;

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
            defaultValue = "${env:LIMBECK_STORE:-" + DEFAULT_STORE + "}",
            paramLabel = "DIR|s3://BUCKET/PREFIX",
            description = {
                "Where artifacts and remembered results are: a folder, or a bucket of S3 or of a server that speaks its protocol, by "
                        + "the usual AWS_ variables or profile; default: $LIMBECK_STORE, else " + DEFAULT_STORE + ".",
                "Of a bucket, $LIMBECK_CACHE keeps up to $LIMBECK_CACHE_SIZE (10 GB) on this machine."
            })
    private String store;

    @Option(
            names = "--metrics-port",
            defaultValue = "0",
            paramLabel = "PORT",
            description = "Where Prometheus reads the metrics; 0, the default, takes any free port.")
    private int metricsPort;

    String temporal() {
        return address("--temporal", temporal);
    }

    String kafka() {
        return address("--kafka", kafka);
    }

    /** A folder, or a bucket's {@code s3://bucket/prefix}. */
    String store() {
        return store;
    }

    int metricsPort() {
        if (metricsPort < 0 || metricsPort > LAST_PORT) {
            throw new BadInputException("--metrics-port is " + metricsPort + "; give a number from 0 to " + LAST_PORT);
        }
        return metricsPort;
    }

    private static String address(String option, String value) {
        if (value != null && !value.matches("\\S+:\\d{1,5}")) {
            throw new BadInputException(option + " is '" + value + "'; give HOST:PORT, such as localhost:9092");
        }
        return value;
    }
}
