package dev.limbeck.cli.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.TemporalConnection;
import dev.limbeck.workers.common.TemporalProfile;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.temporal.internal.testservice.GRPCServerHelper;
import io.temporal.internal.testservice.TestServicesStarter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that wants TLS, a certificate of the client's, and an API key. */
class TemporalOverTlsTest {

    private static final String API_KEY = "key-1234";
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    @TempDir
    private static Path folder;

    private static Certificates certificates;
    private static TestServicesStarter services;
    private static Server server;

    @BeforeAll
    static void start() throws Exception {
        certificates = new Certificates(folder).make("server").make("client").make("stranger");
        services = new TestServicesStarter(true, 0);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(GrpcSslContexts.forServer(
                                certificates.certificate("server").toFile(),
                                certificates.key("server").toFile())
                        .trustManager(certificates.certificate("client").toFile())
                        .clientAuth(ClientAuth.REQUIRE)
                        .build())
                .intercept(new KeyCheck());
        GRPCServerHelper.registerServicesAndHealthChecks(services.getServices(), builder);
        server = builder.build().start();
    }

    @AfterAll
    static void stop() {
        server.shutdownNow();
        services.close();
    }

    private static final class KeyCheck implements ServerInterceptor {

        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            if (("Bearer " + API_KEY).equals(headers.get(AUTHORIZATION))) {
                return next.startCall(call, headers);
            }
            call.close(Status.UNAUTHENTICATED.withDescription("no such key"), new Metadata());
            return new ServerCall.Listener<>() {};
        }
    }

    private static String address() {
        return "127.0.0.1:" + server.getPort();
    }

    private static Map<String, String> environment(String client) {
        return Map.of(
                "TEMPORAL_ADDRESS", address(),
                "TEMPORAL_API_KEY", API_KEY,
                "TEMPORAL_TLS_CLIENT_CERT_PATH",
                        certificates.certificate(client).toString(),
                "TEMPORAL_TLS_CLIENT_KEY_PATH", certificates.key(client).toString(),
                "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
                        certificates.certificate("server").toString());
    }

    private static void connect(String address, Map<String, String> environment) {
        try (Metrics metrics = Metrics.unserved();
                TemporalConnection connection = new TemporalConnection(
                        TemporalProfile.find(address, environment).orElseThrow(),
                        "test",
                        Json.mapper(),
                        metrics,
                        Duration.ofSeconds(2))) {
            assertThat(connection
                            .client()
                            .getWorkflowServiceStubs()
                            .blockingStub()
                            .getSystemInfo(io.temporal.api.workflowservice.v1.GetSystemInfoRequest.getDefaultInstance())
                            .hasCapabilities())
                    .isTrue();
        }
    }

    @Test
    void connectsWithCertificateAndKey() {
        connect(null, environment("client"));
    }

    @Test
    void connectsByAProfileInAFile() throws Exception {
        Path file = Files.writeString(folder.resolve("temporal.toml"), """
                [profile.farm]
                address = "elsewhere:7233"
                api_key = "%s"
                [profile.farm.tls]
                client_cert_path = "%s"
                client_key_path = "%s"
                server_ca_cert_path = "%s"
                """.formatted(
                        API_KEY,
                        certificates.certificate("client"),
                        certificates.key("client"),
                        certificates.certificate("server")));
        connect(address(), Map.of("TEMPORAL_CONFIG_FILE", file.toString(), "TEMPORAL_PROFILE", "farm"));
    }

    @Test
    void saysThatTheKeyIsWrong() {
        Map<String, String> environment = new HashMap<>(environment("client"));
        environment.put("TEMPORAL_API_KEY", "key-5678");
        assertThatThrownBy(() -> connect(null, environment))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("refuses us")
                .hasMessageContaining("TEMPORAL_API_KEY")
                .hasMessageNotContaining("key-5678");
    }

    @Test
    void isRefusedWithTheCertificateOfAStranger() {
        assertThatThrownBy(() -> connect(null, environment("stranger")))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(address());
    }

    @Test
    void trustsNoServerThatItDoesNotKnow() {
        Map<String, String> environment = new HashMap<>(environment("client"));
        environment.put(
                "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
                certificates.certificate("stranger").toString());
        assertThatThrownBy(() -> connect(null, environment))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("TEMPORAL_TLS_");
    }

    @Test
    void saysThatACertificateCannotBeRead() {
        Map<String, String> environment = new HashMap<>(environment("client"));
        environment.put("TEMPORAL_TLS_CLIENT_CERT_PATH", folder.resolve("none").toString());
        assertThatThrownBy(() -> connect(null, environment))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("TEMPORAL_TLS_CLIENT_CERT_PATH");
    }

    @Test
    void saysThatAProfileNamesNoAddress() {
        assertThatThrownBy(() -> TemporalProfile.find(
                        null,
                        Map.of(
                                "TEMPORAL_PROFILE",
                                "farm",
                                "TEMPORAL_CONFIG_FILE",
                                folder.resolve("no.toml").toString())))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("TEMPORAL_");
    }

    @Test
    void isNotWantedWhereNobodyNamesIt() {
        assertThat(TemporalProfile.find(null, Map.of("TEMPORAL_API_KEY", API_KEY)))
                .isEmpty();
        assertThat(TemporalProfile.find("127.0.0.1:7233", Map.of())).isPresent();
    }
}
