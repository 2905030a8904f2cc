package dev.limbeck.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.cli.embedded.EmbeddedKafka;
import dev.limbeck.cli.embedded.EmbeddedTemporal;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.workers.common.KafkaEventPublisher;
import dev.limbeck.workers.common.KafkaProfile;
import dev.limbeck.workers.common.MeasuredStore;
import dev.limbeck.workers.common.MeasurementLog;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.TemporalConnection;
import dev.limbeck.workers.common.TemporalProfile;
import dev.limbeck.workers.common.WorkerContext;
import io.temporal.client.WorkflowClient;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;

/** Connections to Temporal, Kafka and the store, and whatever of them runs inside this process; closed in reverse order. */
final class Servers implements AutoCloseable {

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final String temporalAddress;
    private final Map<String, Object> kafkaProperties;
    private final Metrics metrics;
    private final WorkflowClient temporal;
    private final WorkerContext context;

    Servers(ServerOptions options, ObjectMapper json) {
        try {
            ArtifactStore unmeasured = open(Stores.open(options.store(), System.getenv()));
            metrics = open(Metrics.serve(options.metricsHost(), options.metricsPort()));
            ArtifactStore store = new MeasuredStore(unmeasured, metrics);
            kafkaProperties = options.kafka()
                    .orElseGet(() -> KafkaProfile.plain(embedded("--kafka", () -> open(new EmbeddedKafka(
                                    Stores.localFolder(options.store()).resolve("kafka")))
                            .address())));
            TemporalProfile profile = options.temporal()
                    .orElseGet(() -> TemporalProfile.plain(embedded(
                            "--temporal", () -> open(new EmbeddedTemporal()).address())));
            temporalAddress = profile.address();
            String name = processName();
            KafkaEventPublisher.createTopics(kafkaProperties);
            KafkaEventPublisher events =
                    open(new KafkaEventPublisher(kafkaProperties, name, json, metrics, Clock.systemUTC()));
            temporal =
                    open(new TemporalConnection(profile, name, json, metrics)).client();
            context = new WorkerContext(name, store, json, events, metrics, Clock.systemUTC());
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Starts a server inside this process, where its classes are: a small device has none. */
    private static String embedded(String option, Supplier<String> start) {
        try {
            return start.get();
        } catch (NoClassDefFoundError e) {
            throw new BadInputException(
                    "this is limbeck for small devices, without servers of its own: give %s HOST:PORT, or the environment instead"
                            .formatted(option),
                    e);
        }
    }

    String temporalAddress() {
        return temporalAddress;
    }

    String kafkaAddress() {
        return String.valueOf(kafkaProperties.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
    }

    Metrics metrics() {
        return metrics;
    }

    WorkflowClient temporal() {
        return temporal;
    }

    WorkerContext context() {
        return context;
    }

    /** Settings of every Kafka client. */
    Map<String, Object> kafkaProperties() {
        return kafkaProperties;
    }

    MeasurementLog measurements() {
        return open(new MeasurementLog(kafkaProperties, context.events(), context.json(), metrics));
    }

    /** Closes it together with the servers, before those that are open already. */
    <T extends AutoCloseable> T open(T resource) {
        opened.push(resource);
        return resource;
    }

    @Override
    public void close() {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                throw new IllegalStateException("closing failed: " + e.getMessage(), e);
            }
        }
    }

    private static String processName() {
        long process = ManagementFactory.getRuntimeMXBean().getPid();
        try {
            return InetAddress.getLocalHost().getHostName() + "-" + process;
        } catch (UnknownHostException e) {
            return "local-" + process;
        }
    }
}
