package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.analyze.Analysis;
import dev.limbeck.analyze.Analyzer;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Datasets;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.schemas.Progress;
import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network looked at from all sides. */
class AnalyzeTest {

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void aPageAndItsNumbers() throws IOException {
        Path model = TinyRun.folder(folder).resolve("reference.onnx");
        String data = ClassFolders.write(folder.resolve("data"), 60).toString();
        Path page = folder.resolve("page.html");

        assertThat(limbeck(
                        "analyze",
                        model.toString(),
                        "--data",
                        data,
                        "--layers",
                        "2",
                        "--cache",
                        folder.resolve("cache").toString(),
                        "-o",
                        page.toString(),
                        "--json"))
                .isZero();

        JsonNode json = Json.mapper().readTree(out.toString(StandardCharsets.UTF_8));
        assertThat(json.path("data").path("labelled").asBoolean()).isTrue();
        assertThat(json.path("outcomes").get(0).path("accuracy").asDouble()).isBetween(0.0, 1.0);
        assertThat(json.path("sensitivity").path("layers")).hasSize(2);
        assertThat(json.path("findings")).isNotEmpty();
        assertThat(json.path("findings").get(0).path("command").asText()).startsWith("limbeck ");
        assertThat(Files.readString(page))
                .contains(
                        "default-src 'none'",
                        json.path("network").path("digest").asText());
    }

    @Test
    void theExampleOfThePageRuns() throws IOException {
        Path model = TinyRun.folder(folder).resolve("reference.onnx");
        String data = ClassFolders.write(folder.resolve("data"), 40).toString();
        Path page = folder.resolve("page.html");
        example(model, data, folder, page);
        assertThat(page).isNotEmptyFile();
        String source = Files.readString(Path.of("src/test/java/dev/limbeck/cli/AnalyzeTest.java"));
        String documented = Files.readString(Path.of("..", "docs", "analyze.md"))
                .split("```java\n")[1]
                .split("```")[0];
        assertThat(source.replaceAll("\\s+", "")).contains(documented.replaceAll("\\s+", ""));
    }

    private static void example(Path model, String data, Path cache, Path page) {
        Graph network = Graph.read(model);
        SampleSplits images = Datasets.load(data, null, cache, Progress.NONE);
        Analysis analysis = Analyzer.analyze(network, images);
        analysis.write(page);
    }

    @Test
    void badInputIsRefusedBeforeAnyWork() {
        assertThat(limbeck("analyze", "none.onnx", "--data", "fashion-mnist")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("none.onnx");
        assertThat(limbeck("analyze", "none.onnx", "--data", "x", "--layers", "0"))
                .isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("layers is 0; give 1 or more");
    }

    private int limbeck(String... arguments) {
        return Limbeck.execute(
                new Console(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        0,
                        Json.mapper()),
                arguments);
    }
}
