package dev.limbeck.cli.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.ProgressEvent;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.KafkaEventPublisher;
import dev.limbeck.workers.common.KafkaProfile;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that wants TLS and a password. */
class KafkaOverTlsTest {

    private static final String LOGIN =
            "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\"";
    private static final String PASSWORD = "pass-1234";

    @TempDir
    private static Path folder;

    private static Certificates certificates;
    private static int port;
    private static KafkaRaftServer server;

    @BeforeAll
    static void start() throws Exception {
        certificates = new Certificates(folder).make("server").make("stranger");
        Path log = folder.resolve("log");
        EmbeddedKafka.format(log);
        port = Ports.free();
        int controllerPort = Ports.free();
        Properties settings = BrokerSettings.of(log, port, controllerPort);
        String address = "SASL_SSL://127.0.0.1:" + port;
        settings.put("listeners", address + ",CONTROLLER://127.0.0.1:" + controllerPort);
        settings.put("advertised.listeners", address);
        settings.put("listener.security.protocol.map", "SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT");
        settings.put("inter.broker.listener.name", "SASL_SSL");
        settings.put("sasl.enabled.mechanisms", "PLAIN");
        settings.put("sasl.mechanism.inter.broker.protocol", "PLAIN");
        settings.put(
                "listener.name.sasl_ssl.plain.sasl.jaas.config",
                LOGIN.formatted("broker", "own") + " user_broker=\"own\" user_limbeck=\"" + PASSWORD + "\";");
        settings.put("ssl.keystore.type", "PEM");
        settings.put("ssl.keystore.certificate.chain", Files.readString(certificates.certificate("server")));
        settings.put("ssl.keystore.key", Files.readString(certificates.key("server")));
        settings.put("ssl.truststore.type", "PEM");
        settings.put("ssl.truststore.certificates", Files.readString(certificates.certificate("server")));
        server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
        server.startup();
    }

    @AfterAll
    static void stop() {
        server.shutdown();
        server.awaitShutdown();
    }

    private static Map<String, Object> properties(String password, String trusted) throws Exception {
        Path file = Files.writeString(folder.resolve("client.properties"), """
                security.protocol=SASL_SSL
                sasl.mechanism=PLAIN
                sasl.jaas.config=%s;
                ssl.truststore.type=PEM
                ssl.truststore.location=%s
                """.formatted(
                        LOGIN.formatted("limbeck", password), certificates.certificate(trusted)));
        return KafkaProfile.find("127.0.0.1:" + port, file).orElseThrow();
    }

    @Test
    void takesEventsOfWhoKnowsThePassword() throws Exception {
        Map<String, Object> properties = properties(PASSWORD, "server");
        KafkaEventPublisher.createTopics(properties);
        try (Metrics metrics = Metrics.unserved();
                KafkaEventPublisher events =
                        new KafkaEventPublisher(properties, "test", Json.mapper(), metrics, Clock.systemUTC())) {
            events.publishAndWait(
                    Topic.PROGRESS, "run", new ProgressEvent("run", "stage", "step", 1, 2, "", "worker", "run/1"));
        }
    }

    @Test
    void saysThatThePasswordIsWrong() throws Exception {
        Map<String, Object> properties = properties("pass-5678", "server");
        assertThatThrownBy(() -> KafkaEventPublisher.createTopics(properties))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("refuses us")
                .hasMessageContaining("--kafka-config")
                .hasMessageNotContaining("pass-5678");
    }

    @Test
    void trustsNoBrokerThatItDoesNotKnow() throws Exception {
        Map<String, Object> properties = properties(PASSWORD, "stranger");
        assertThatThrownBy(() -> KafkaEventPublisher.createTopics(properties))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("--kafka-config");
    }

    @Test
    void saysWhatIsWrongWithTheFile() throws Exception {
        assertThatThrownBy(() -> KafkaProfile.find(null, folder.resolve("none.properties")))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("none.properties");
        Path empty = Files.writeString(folder.resolve("empty.properties"), "acks=all\n");
        assertThatThrownBy(() -> KafkaProfile.find(null, empty))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("bootstrap.servers");
        Path whole = Files.writeString(folder.resolve("whole.properties"), "bootstrap.servers=farm:9092\n");
        assertThat(KafkaProfile.find(null, whole)).hasValue(Map.of("bootstrap.servers", "farm:9092"));
        assertThat(KafkaProfile.find("here:9092", whole)).hasValue(Map.of("bootstrap.servers", "here:9092"));
        assertThat(KafkaProfile.find(null, null)).isEmpty();
    }
}
