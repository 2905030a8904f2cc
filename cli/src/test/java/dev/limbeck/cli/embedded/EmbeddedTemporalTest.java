package dev.limbeck.cli.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.TemporalConnection;
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
    void workflowsRunOverOurRecordsAndTheirMetersAreExported() throws InterruptedException {
        try (EmbeddedTemporal temporal = new EmbeddedTemporal();
                Metrics metrics = Metrics.unserved();
                TemporalConnection connection =
                        new TemporalConnection(temporal.address(), "test", Json.mapper(), metrics)) {
            WorkerFactory workers = WorkerFactory.newInstance(connection.client());
            workers.newWorker("queue").registerWorkflowImplementationTypes(EchoImpl.class);
            workers.start();
            Said hello = new Said(Optional.of("hello"), Instant.parse("2026-01-02T03:04:05.000000006Z"));
            Echo echo = connection
                    .client()
                    .newWorkflowStub(
                            Echo.class,
                            WorkflowOptions.newBuilder().setTaskQueue("queue").build());
            assertThat(echo.say(hello)).isEqualTo(hello);
            workers.shutdownNow();
            assertThat(exported(metrics, "temporal_request_total{")).isTrue();
        }
    }

    /** The SDK hands its meters over once a second. */
    private static boolean exported(Metrics metrics, String meter) throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            if (metrics.registry().scrape().contains(meter)) {
                return true;
            }
            Thread.sleep(100);
        }
        return false;
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
