package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.schemas.QuantizationResults;
import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Precisions of layers within a latency. */
class MixedLatencyTest {

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void aBudgetOfTimeIsKeptToAndItsLatenciesRemembered() throws IOException {
        Path model = TinyRun.folder(folder).resolve("reference.onnx");
        String data = ClassFolders.write(folder.resolve("data"), 40).toString();

        assertThat(limbeck(model, data, "100ms"))
                .as(() -> err.toString(StandardCharsets.UTF_8))
                .isZero();
        JsonNode first = Json.mapper().readTree(out.toByteArray());
        assertThat(first.get("latencyMillis").asDouble()).isPositive().isLessThan(100);
        assertThat(Graph.read(folder.resolve("mixed.onnx")).nodes()).isNotEmpty();

        assertThat(limbeck(model, data, "100ms")).isZero();
        assertThat(Json.mapper().readTree(out.toByteArray()).get("latencyMillis"))
                .as("remembered, or it would be another in the last digits")
                .isEqualTo(first.get("latencyMillis"));

        assertThat(limbeck(model, data, "0.01us")).isEqualTo(ExitCodes.FAILED);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("the budget of 0.000 ms is missed", "it was taken");
    }

    @Test
    @Timeout(300)
    void aSpecMayAskForItToo() throws Exception {
        TinyRun.folder(folder);
        ClassFolders.write(folder.resolve("images"), 60);
        Files.writeString(folder.resolve("mixed.yaml"), """
                limbeck: v1
                name: mixed
                job: quantize
                reference: reference.onnx
                task: {type: classification, data: images}
                quantize:
                  - {name: roomy, mixed: [8, float], budget: 100 ms, images: 16}
                  - {name: tight, mixed: [8, float], budget: 1 us, images: 16}
                scenarios: [{name: here}]
                """);
        try (LimbeckProcess run = LimbeckProcess.start(folder, List.of("run", "mixed.yaml", "--store", "store"))) {
            assertThat(run.join()).as(run::said).isZero();
        }
        List<QuantizationResults.Network> networks = QuantizationResults.read(folder.resolve("runs/mixed/results.json"))
                .networks();
        assertThat(networks.get(0).missed()).isEmpty();
        assertThat(networks.get(0).latencies().getFirst().p50Millis()).isLessThan(100);
        assertThat(networks.get(1).missed())
                .singleElement()
                .asString()
                .contains("the budget of 0.001 ms is missed: the fastest of these precisions takes");
    }

    @Test
    void latenciesAreThoseOfAMachineAndARuntime() throws IOException {
        Graph graph = Graph.read(TinyRun.folder(folder).resolve("reference.onnx"));
        RuntimeVersion runtime = new RuntimeVersion("onnxruntime", "1.0");
        String key = MixedWork.latencyKey(graph, "here", runtime);
        assertThat(MixedWork.latencyKey(graph, "there", runtime)).isNotEqualTo(key);
        assertThat(MixedWork.latencyKey(graph, "here", new RuntimeVersion("onnxruntime", "1.1")))
                .isNotEqualTo(key);
        assertThat(key).contains(graph.digest(), "1 thread");
    }

    private int limbeck(Path model, String data, String budget) {
        out.reset();
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                0,
                Json.mapper());
        return Limbeck.execute(
                console,
                "quantize",
                model.toString(),
                "--data",
                data,
                "--images",
                "16",
                "--mixed",
                "8,float",
                "--budget",
                budget,
                "--cache",
                folder.resolve("cache").toString(),
                "-o",
                folder.resolve("mixed.onnx").toString(),
                "--json");
    }
}
