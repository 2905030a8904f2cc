package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.cli.embedded.EmbeddedTemporal;
import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.measure.Device;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.measure.SimulatedDevice;
import dev.limbeck.schemas.Progress;
import dev.limbeck.schemas.QuantizationResults;
import dev.limbeck.schemas.Spec;
import dev.limbeck.store.FolderStore;
import dev.limbeck.workers.common.Json;
import dev.limbeck.workers.common.Metrics;
import dev.limbeck.workers.common.TemporalConnection;
import dev.limbeck.workers.common.Topic;
import dev.limbeck.workers.common.WorkerContext;
import dev.limbeck.workers.common.testing.InMemoryEventPublisher;
import dev.limbeck.workers.common.testing.InMemoryMeasurements;
import dev.limbeck.workers.device.DeviceWorker;
import dev.limbeck.workers.device.DeviceWorkerOptions;
import dev.limbeck.workflows.QuantizeWorkflow;
import dev.limbeck.workflows.RemeasureWorkflowImpl;
import dev.limbeck.workflows.RunOutcome;
import dev.limbeck.workflows.RunRequest;
import dev.limbeck.workflows.RunStatus;
import dev.limbeck.workflows.StageProgress;
import dev.limbeck.workflows.TaskQueues;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.worker.WorkerFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Schedules on a Temporal server that keeps them, with a device that measures the same every time. */
@Timeout(120)
class ScheduleTest {

    private static final String RUN = "small-0123456789ab";
    private static final Spec SPEC = new Spec(
            "v1",
            "small",
            "quantize",
            "reference.onnx",
            new Spec.Task("classification", "fashion-mnist"),
            null,
            null,
            null,
            null,
            null,
            null,
            List.of(new Spec.Scenario("laptop", "local", Spec.Precision.INT8, 1, 1, null, null, null)),
            null,
            null,
            null);

    /** A run that is done at once. */
    public static final class FinishedRun implements QuantizeWorkflow {

        @Override
        public RunStatus status() {
            return new RunStatus("done", "");
        }

        @Override
        public StageProgress progress() {
            return new StageProgress(1, 1);
        }

        /** The reference's digest, and behind it that of the results. */
        @Override
        public RunOutcome quantize(RunRequest run) {
            String[] digests = run.reference().split(" ");
            return new RunOutcome(
                    run.runId(),
                    digests[1],
                    Map.of("models/reference.onnx", digests[0], "models/int8.onnx", digests[0]));
        }
    }

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console = new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            0,
            Json.mapper());

    @Test
    void frontsAreMeasuredAgainUntilTheirScheduleIsRemoved() throws Exception {
        Optional<Path> binary = TemporalProcess.binary();
        assumeThat(binary)
                .as("SKIPPED: schedules need a real Temporal server; name one by LIMBECK_TEMPORAL")
                .isPresent();
        InMemoryEventPublisher events = new InMemoryEventPublisher(Json.mapper());
        FolderStore store = new FolderStore(folder.resolve("store"));
        Device device = new SimulatedDevice(Duration.ZERO);
        try (TemporalProcess server = TemporalProcess.start(binary.orElseThrow(), folder);
                Metrics metrics = Metrics.unserved();
                TemporalConnection connection =
                        new TemporalConnection(server.address(), "test", Json.mapper(), metrics)) {
            WorkflowClient temporal = connection.client();
            WorkerContext context =
                    new WorkerContext("worker", store, Json.mapper(), events, metrics, Clock.systemUTC());
            WorkerFactory control = WorkerFactory.newInstance(temporal);
            control.newWorker(TaskQueues.CONTROL)
                    .registerWorkflowImplementationTypes(FinishedRun.class, RemeasureWorkflowImpl.class);
            control.start();
            DeviceWorkerOptions options =
                    DeviceWorkerOptions.ofThisMachine("local").withCanaryInterval(Duration.ZERO);
            try (DeviceWorker worker = DeviceWorker.start(
                    temporal, context, new InMemoryMeasurements(), device, options, Optional.empty())) {
                finishARun(temporal, store, device);

                JsonNode made = Json.mapper().readTree(say(server, 0, "add", RUN, "--now", "--json"));
                assertThat(made.get("made").asBoolean()).isTrue();
                assertThat(made.at("/fronts/0/networks/0/model").asText()).isEqualTo("models/int8.onnx");
                until(() -> !events.events(Topic.DRIFT).isEmpty());
                assertThat(events.events(Topic.DRIFT)
                                .getFirst()
                                .data()
                                .get("networksDrift")
                                .asBoolean())
                        .as("its results say that the network took half as long")
                        .isTrue();

                assertThat(say(server, 0, "add", RUN, "--every", "6h", "--tolerance", "10%"))
                        .contains("run " + RUN + " is measured again every 6 h, as its schedule says now");
                until(() -> say(server, 0, "list").contains("laptop on"));
                assertThat(say(server, 0, "list"))
                        .containsOnlyOnce(RUN + "  every 6 h  next ")
                        .contains("networks drift (reference +0.0 %, ratios up to +100.0 %, tolerance 5.0 %)");

                assertThat(say(server, 0, "remove", RUN)).contains("is not measured again");
                say(server, 2, "remove", RUN);
                assertThat(said()).contains("this run has no schedule");
                say(server, 2, "add", "absent");
                assertThat(said()).contains("there is no run 'absent'");
            } finally {
                control.shutdownNow();
            }
        }
    }

    @Test
    void aServerWithoutSchedulesIsOneLine() {
        try (EmbeddedTemporal server = new EmbeddedTemporal()) {
            assertThat(execute(server.address(), "list")).isEqualTo(ExitCodes.BAD_INPUT);
            assertThat(said().lines()).singleElement().asString().contains("keeps no schedules", "start a real one");
        }
    }

    private static void finishARun(WorkflowClient temporal, FolderStore store, Device device) {
        ValueInfo x = new ValueInfo("x", ElementType.FLOAT, 1, 4);
        ValueInfo y = new ValueInfo("y", ElementType.FLOAT, 1, 4);
        GraphEditor editor = GraphEditor.create("small").input(x).output(y);
        editor.add(Node.of("Relu", "relu", List.of("x"), List.of("y")));
        Graph graph = editor.build();
        double millis = device.measure(List.of(graph), 1, 1, LatencyProtocol.quick(), Progress.NONE)
                .getFirst()
                .p50Millis();
        QuantizationResults results = new QuantizationResults(
                "small",
                "1",
                null,
                "2026-01-02T03:04:05Z",
                RUN,
                "spec",
                1,
                new QuantizationResults.Reference("models/reference.onnx", 0.9, 0.9, 100, latency(millis)),
                List.of(new QuantizationResults.Network(
                        "int8",
                        "models/int8.onnx",
                        0.9,
                        0.9,
                        0.9,
                        1,
                        100,
                        List.of(),
                        List.of(),
                        0,
                        "worker",
                        latency(millis / 2),
                        List.of())),
                List.of(),
                Map.of());
        String digests = store.put(graph.toBytes()) + " "
                + store.put(results.tree().toString().getBytes(StandardCharsets.UTF_8));
        temporal.newWorkflowStub(
                        QuantizeWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setWorkflowId(RUN)
                                .setTaskQueue(TaskQueues.CONTROL)
                                .build())
                .quantize(new RunRequest(RUN, SPEC, digests));
    }

    private static List<QuantizationResults.Latency> latency(double millis) {
        return List.of(new QuantizationResults.Latency("laptop", millis, millis, millis, true, 1));
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void until(Condition condition) throws IOException {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.holds() && System.nanoTime() < end) {
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        }
        assertThat(condition.holds()).isTrue();
    }

    private String say(TemporalProcess server, int exitCode, String... arguments) {
        assertThat(execute(server.address(), arguments)).as(said()).isEqualTo(exitCode);
        return out.toString(StandardCharsets.UTF_8);
    }

    private int execute(String address, String... arguments) {
        out.reset();
        err.reset();
        List<String> all = new ArrayList<>(List.of("schedule"));
        all.addAll(List.of(arguments));
        all.addAll(List.of(
                "--temporal", address, "--store", folder.resolve("store").toString()));
        return Limbeck.execute(console, all.toArray(String[]::new));
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
