package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.schemas.DeviceState;
import dev.limbeck.schemas.RequestEvent;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.Topic;
import io.temporal.api.workflowservice.v1.ListOpenWorkflowExecutionsRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Events become runs, each once, on a Temporal and a Kafka that have no workers. */
@Timeout(120)
class TriggerTest {

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Console console = new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            0,
            Json.mapper());

    @Test
    void everyRequestIsOneRunAndEveryNewVersionOneMore() throws IOException {
        TinyRun.folder(folder);
        ServerOptions options = CommandLine.populateCommand(
                new ServerOptions(), "--store", folder.resolve("store").toString());
        try (Servers servers = new Servers(options, Json.mapper())) {
            assertThat(request(servers))
                    .as(err.toString(StandardCharsets.UTF_8))
                    .isZero();
            String run = Json.mapper().readTree(out.toByteArray()).get("runId").asText();
            assertThat(request(servers)).isZero();
            publish(servers, new RequestEvent("wrong", "limbeck: v7", "0".repeat(64), null, null));
            publish(servers, new RequestEvent("early", "{%s}".formatted(quick("early")), "0".repeat(64), null, null));
            publish(
                    servers,
                    new RequestEvent("no-digest", "{%s}".formatted(quick("early")), "../../secret", null, null));
            publish(servers, new RequestEvent("spy", "{%s}".formatted(quick("spy")), "0".repeat(64), "/etc", null));
            announce(servers, "pixel-1", "ONNX Runtime 1.29.0");

            try (Trigger trigger = TriggerCommand.open(console, servers, List.of())) {
                assertThat(trigger.look()).containsExactly(run);
                assertThat(trigger.look()).isEmpty();
                assertThat(said())
                        .contains("run early-", "waits: its reference 000000000000 is not in the store")
                        .doesNotContain("run spy-");
            }
            assertThat(open(servers)).containsExactly(run);

            assertThat(request(servers)).isZero();
            announce(servers, "pixel-2", "ONNX Runtime 1.29.0");
            try (Trigger restarted = TriggerCommand.open(console, servers, List.of());
                    Trigger beside = TriggerCommand.open(console, servers, List.of())) {
                assertThat(restarted.look()).isEmpty();
                announce(servers, "pixel-1", "ONNX Runtime 1.30.0");
                List<String> again = restarted.look();
                assertThat(again).singleElement().asString().startsWith(run + "-");
                announce(servers, "pixel-1", "ONNX Runtime 1.30.0");
                assertThat(restarted.look()).isEmpty();
                assertThat(beside.look()).isEmpty();
                assertThat(open(servers)).containsExactlyInAnyOrder(run, again.getFirst());
                assertThat(said()).contains("class 'local' has ONNX Runtime 1.30.0 on Android 15 now");
            }
        }
    }

    private static String quick(String name) {
        return "limbeck: v1, name: %s, reference: a.onnx, task: {type: classification, data: fashion-mnist}, scenarios: [{name: a}]"
                .formatted(name);
    }

    private int request(Servers servers) {
        out.reset();
        return Limbeck.execute(
                console,
                "request",
                folder.resolve(TinyRun.SPEC).toString(),
                "--json",
                "--temporal",
                servers.temporalAddress(),
                "--kafka",
                servers.kafkaAddress(),
                "--store",
                folder.resolve("store").toString());
    }

    private static void publish(Servers servers, RequestEvent request) {
        servers.context().events().publishAndWait(Topic.REQUESTS, request.id(), request);
    }

    private static void announce(Servers servers, String id, String runtime) {
        DeviceState device = new DeviceState(
                id,
                "local",
                "Tensor G4",
                8,
                "Android 15",
                runtime,
                List.of("fp32", "int8"),
                "available",
                "2026-01-02T03:04:05Z",
                null,
                "adb",
                null,
                null,
                null,
                null,
                null,
                null,
                null);
        servers.context().events().publishAndWait(Topic.DEVICES, id, device);
    }

    private static List<String> open(Servers servers) {
        return servers
                .temporal()
                .getWorkflowServiceStubs()
                .blockingStub()
                .listOpenWorkflowExecutions(ListOpenWorkflowExecutionsRequest.newBuilder()
                        .setNamespace("default")
                        .build())
                .getExecutionsList()
                .stream()
                .map(execution -> execution.getExecution().getWorkflowId())
                .toList();
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
