package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.graph.Graph;
import dev.limbeck.measure.LatencyProtocol;
import dev.limbeck.measure.Tuner;
import dev.limbeck.measure.Tuning;
import dev.limbeck.runtime.Optimization;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuneTest {

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void settingsAreFoundAndMeasuredWith() throws IOException {
        TinyRun.folder(folder);
        String model = folder.resolve("reference.onnx").toString();
        Path tuned = folder.resolve("tuned.json");
        assertThat(limbeck("tune", model, "--threads", "1", "--quick", "-o", tuned.toString()))
                .as(err.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("optimization: 1 thread, optimization basic");
        JsonNode written = Json.mapper().readTree(tuned.toFile());
        SessionOptions settings = TunedSettings.read(tuned, Json.mapper());
        assertThat(Json.mapper().<JsonNode>valueToTree(settings)).isEqualTo(written.get("settings"));
        assertThat(written.get("faster").asBoolean())
                .isEqualTo(!settings.equals(SessionOptions.defaults()))
                .isEqualTo(written.get("settings").hashCode()
                        != written.get("defaults").hashCode());

        Path slow = Files.writeString(folder.resolve("slow.json"), "{\"settings\": {\"optimization\": \"NONE\"}}");
        out.reset();
        assertThat(limbeck("measure", model, "--quick", "--settings", slow.toString(), "--json"))
                .isZero();
        assertThat(Json.mapper()
                        .readTree(out.toByteArray())
                        .get(0)
                        .get("p50Millis")
                        .asDouble())
                .isPositive();
    }

    @Test
    void aStopEndsItWithoutSettings() throws Exception {
        TinyRun.folder(folder);
        Path tuned = folder.resolve("tuned.json");
        List<String> command = List.of("tune", "reference.onnx", "-o", tuned.toString());
        try (LimbeckProcess process = LimbeckProcess.start(folder, command)) {
            process.await("tune, pass 1");
            process.stop();
            assertThat(process.join()).as(process::said).isEqualTo(ExitCodes.STOPPED);
            assertThat(process.said()).contains("stopped; no settings were chosen");
        }
        assertThat(tuned).doesNotExist();
    }

    @Test
    void whatCannotBeWrittenIsSaidBeforeTheWork() throws IOException {
        String model = TinyRun.folder(folder).resolve("reference.onnx").toString();
        Path below = Path.of(model, "tuned.json");
        assertThat(limbeck("tune", model, "-o", below.toString())).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains(below + " cannot be written", "is no folder", "another file by --output")
                .doesNotContain("tune, pass 1");
    }

    @Test
    void theExampleOfThePageRuns() throws IOException {
        Path model = TinyRun.folder(folder).resolve("reference.onnx");
        assertThat(example(model).threads()).isBetween(1, 2);
        String source = Files.readString(Path.of("src/test/java/dev/limbeck/cli/TuneTest.java"));
        String documented = Files.readString(Path.of("..", "docs", "tune.md"))
                .split("```java\n")[1]
                .split("```")[0];
        assertThat(source.replaceAll("\\s+", "")).contains(documented.replaceAll("\\s+", ""));
    }

    private static SessionOptions example(Path model) {
        Graph network = Graph.read(model);
        Tuning tuning = Tuner.tune(network, 1, 2, LatencyProtocol.quick(), LatencyProtocol.standard(), Progress.NONE);
        SessionOptions fastest = tuning.settings();
        return fastest;
    }

    @Test
    void whatAFileLeavesOutIsTheDefault() throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), "{\"settings\": {\"optimization\": \"EXTENDED\"}}");
        assertThat(TunedSettings.read(file, Json.mapper()))
                .isEqualTo(SessionOptions.defaults().withOptimization(Optimization.EXTENDED));
    }

    @Test
    void aFileWithoutSettingsIsNamed() throws IOException {
        for (String text : new String[] {
            "", "[", "{}", "{\"settings\": {\"threads\": \"many\"}}", "{\"settings\": {\"treads\": 1}}"
        }) {
            Path file = Files.writeString(folder.resolve("a.json"), text);
            assertThatThrownBy(() -> TunedSettings.read(file, Json.mapper()))
                    .as(text)
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContainingAll("a.json", "limbeck tune");
        }
        assertThatThrownBy(() -> TunedSettings.read(folder.resolve("none.json"), Json.mapper()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("none.json");
    }

    private int limbeck(String... arguments) {
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                0,
                Json.mapper());
        return Limbeck.execute(console, arguments);
    }
}
