package dev.limbeck.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {

    @TempDir
    Path folder;

    @Test
    void writtenThenReadIsTheSame() throws Exception {
        Results results = small(0.91);
        Path file = folder.resolve("runs/quick/results.json");

        results.write(file);

        assertThat(Results.read(file)).isEqualTo(results);
        assertThat(file.resolveSibling("results.json.part")).doesNotExist();
        assertThat(Results.read(file)
                        .scenarios()
                        .getFirst()
                        .front()
                        .getFirst()
                        .architecture()
                        .keySet())
                .containsExactly("block2", "block1");
    }

    @Test
    void whatIsWrittenKeepsTheSchema() {
        assertThat(Schemas.named("results").validate(small(0.91).tree())).isEmpty();
    }

    @Test
    void schemaFindsFractionsAbovePathsAboveAndUnknownKeys() {
        JsonNode percent = small(91).tree();
        assertThat(Schemas.named("results").validate(percent)).isNotEmpty();

        ObjectNode path = (ObjectNode) small(0.91).tree();
        ((ObjectNode) path.get("reference")).put("model", "/home/me/reference.onnx");
        assertThat(Schemas.named("results").validate(path)).hasSize(1);

        ObjectNode key = (ObjectNode) small(0.91).tree();
        key.put("sede", 1);
        assertThat(Schemas.named("results").validate(key)).hasSize(1);
    }

    @Test
    void numbersThatAreNotFiniteBecomeNullAndTheSchemaTellsWhereTheyMayNotBeMissing() {
        Results results = small(Double.NaN);

        assertThat(results.toJson()).doesNotContain("NaN").doesNotContain("Infinity");
        assertThat(results.predictor().kendallTau()).isNull();
        assertThat(Schemas.named("results").validate(results.tree()))
                .anyMatch(m -> m.getMessage().contains("/scenarios/0/front/0/accuracy")
                        || m.getInstanceLocation().toString().contains("front[0].accuracy"));
    }

    @Test
    void foreignFilesAreNamed() throws Exception {
        Path file = folder.resolve("results.json");
        Files.writeString(file, "{\"name\": 1");

        assertThatThrownBy(() -> Results.read(file))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("results.json");
        assertThatThrownBy(() -> Results.read(folder.resolve("none.json"))).isInstanceOf(BadInputException.class);
    }

    private static Results small(double accuracy) {
        Results.Latency latency = new Results.Latency(1.5, 1.6, 2, true);
        Map<String, String> architecture = new LinkedHashMap<>();
        architecture.put("block2", "k3 e4");
        architecture.put("block1", "k5 e2");
        Results.Network network = new Results.Network(
                "models/a.onnx",
                "FP32",
                architecture,
                0.9,
                0.92,
                accuracy,
                latency,
                1_000_000,
                2_000,
                null,
                "this machine",
                "2 epochs",
                9_000L,
                "spatial-svd",
                List.of("the ratio 0.1 cannot be met"));
        Results.Scenario scenario = new Results.Scenario(
                "laptop",
                "local",
                List.of("this machine"),
                "fp32",
                1,
                1,
                new Spec.ImageSize(56, 48),
                new Results.ReferenceHere(
                        "models/reference.onnx", 0.93, 0.94, latency, 0.98, 90_000L, List.of("the goal is missed")),
                List.of(new Results.Searched(List.of(0, 1), 0.91, 1.2, 0)),
                List.of(network),
                List.of(network),
                new Results.SearchQuality(0.5, null, 100, 40),
                new Results.Goals(
                        true, 0.01, 1.2, "met", "models/a.onnx", List.of(new Results.Goal("speedup", 1.2, 1.5, true))),
                new Results.Tuning(
                        true,
                        new RuntimeSettings(1, 1, "EXTENDED", "CPU", true, true, Map.of()),
                        "1 thread, optimization extended",
                        1.1,
                        1.65,
                        1.5));
        return new Results(
                "quick",
                "0.1.0",
                "0123456789ab",
                "2026-01-01T00:00:00Z",
                "run-1",
                "sha256:ab",
                1,
                new Results.Reference("models/reference.onnx", 0.93, 0.94, 9_000_000, 400_000),
                new Results.Space(
                        2, 24, "144", new Results.Span(1, 2), new Results.Span(1, 2), "2 blocks, 144 architectures"),
                new Results.Predictor(
                        Double.NaN, new Results.Range(Double.NaN, 1), 0.01, null, 8, null, List.of(), List.of()),
                new Results.Ledger(List.of(new Results.Entry("blocks", 24, 1, 24, 3)), List.of(), List.of()),
                List.of(new Results.BlockQuality("block1", List.of(new Results.Variant("k3", 0.1, 10, 10)))),
                List.of(scenario),
                List.of(new Results.Stage("library", "block1", "gpu-1", 0, 1000)),
                List.of());
    }
}
