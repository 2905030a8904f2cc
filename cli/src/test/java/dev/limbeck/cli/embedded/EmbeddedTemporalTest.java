package dev.limbeck.cli.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.TemporalConnection;
import dev.limbeck.workers.common.TemporalProfile;
import io.temporal.client.WorkflowOptions;
import io.temporal.worker.WorkerFactory;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EmbeddedTemporalTest {

    @WorkflowInterface
    public interface Echo {

        @WorkflowMethod
        Said say(Said words);
    }

    public record Said(Optional<String> words, Instant at) {}

    public static final class EchoImpl implements Echo {

        @Override
        public Said say(Said words) {
            Workflow.sleep(Duration.ofMillis(50));
            return words;
        }
    }

    @Test
    void workflowsRunOverOurRecordsAndTheirMetersAreExported() {
        try (EmbeddedTemporal temporal = new EmbeddedTemporal();
                Metrics metrics = Metrics.unserved()) {
            try (TemporalConnection connection =
                    new TemporalConnection(temporal.address(), "test", Json.mapper(), metrics)) {
                Said hello = new Said(Optional.of("hello"), Instant.parse("2026-01-02T03:04:05.000000006Z"));
                assertThat(echo(connection, hello)).isEqualTo(hello);
            }
            assertThat(metrics.registry().scrape()).contains("temporal_request_total{");
        }
    }

    private static Said echo(TemporalConnection connection, Said words) {
        WorkerFactory workers = WorkerFactory.newInstance(connection.client());
        workers.newWorker("queue").registerWorkflowImplementationTypes(EchoImpl.class);
        workers.start();
        Said answer = connection
                .client()
                .newWorkflowStub(
                        Echo.class,
                        WorkflowOptions.newBuilder().setTaskQueue("queue").build())
                .say(words);
        workers.shutdownNow();
        return answer;
    }

    @Test
    void aServerThatDoesNotAnswerIsNamed() {
        String address = "127.0.0.1:" + Ports.free();
        try (Metrics metrics = Metrics.unserved()) {
            assertThatThrownBy(() -> new TemporalConnection(
                            TemporalProfile.plain(address), "test", Json.mapper(), metrics, Duration.ofMillis(500)))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("no Temporal server answers at " + address)
                    .hasMessageContaining("--temporal");
        }
    }

    @Test
    void onlyTheLoopbackInterfaceIsServed() throws IOException {
        try (EmbeddedTemporal temporal = new EmbeddedTemporal()) {
            assertThat(LoopbackOnly.reachableElsewhere(temporal.address())).isEmpty();
        }
    }

    @Test
    void aPortInUseIsNamed() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> new EmbeddedTemporal(other.getLocalPort()))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("port " + other.getLocalPort());
        }
    }
}
