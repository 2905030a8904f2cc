package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.workers.common.KafkaProfile;
import dev.limbeck.workers.common.TemporalProfile;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which servers and which store a command uses; those left out run inside this process. */
final class ServerOptions {

    static final String DEFAULT_STORE = ".limbeck";

    private static final int LAST_PORT = 65_535;

    @Option(
            names = "--temporal",
            paramLabel = "HOST:PORT",
            description =
                    "A Temporal server; default: $TEMPORAL_ADDRESS or the profile that $TEMPORAL_PROFILE names; without any, one runs "
                            + "inside this process if the command runs or starts something. Namespace, API key and certificates come from the profile and the other "
                            + "TEMPORAL_ variables.")
    private String temporal;

    @Option(
            names = "--kafka",
            defaultValue = "${env:LIMBECK_KAFKA}",
            paramLabel = "HOST:PORT",
            description =
                    "A Kafka broker, or several with commas; default: $LIMBECK_KAFKA; without any, one runs inside this process.")
    private String kafka;

    @Option(
            names = "--kafka-config",
            defaultValue = "${env:LIMBECK_KAFKA_CONFIG}",
            paramLabel = "FILE",
            description =
                    "Properties of a Kafka client, such as TLS and SASL settings; default: $LIMBECK_KAFKA_CONFIG.")
    private Path kafkaConfig;

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

    @Option(
            names = "--metrics-host",
            defaultValue = "${env:LIMBECK_METRICS_HOST:-127.0.0.1}",
            paramLabel = "HOST",
            description =
                    "Interface that metrics are served on; 0.0.0.0 for all, where Prometheus runs on another machine; default: "
                            + "$LIMBECK_METRICS_HOST, else this machine alone.")
    private String metricsHost;

    /** Empty if one is to run inside this process. */
    Optional<TemporalProfile> temporal() {
        return TemporalProfile.find(address("--temporal", temporal), System.getenv());
    }

    /** Properties of a client; empty if a broker is to run inside this process. */
    Optional<Map<String, Object>> kafka() {
        return KafkaProfile.find(address("--kafka", kafka), kafkaConfig);
    }

    String metricsHost() {
        return metricsHost;
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
