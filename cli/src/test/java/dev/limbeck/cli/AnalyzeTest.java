package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.analyze.Analysis;
import dev.limbeck.analyze.Analyzer;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.learn.Datasets;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.schemas.Progress;
import dev.limbeck.workers.common.Json;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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
    void itsCommandsAreTakenByAShellAndRunOnTheSameData() throws Exception {
        Path own = Files.createDirectories(folder.resolve("Ann's networks"));
        Path model = TinyRun.folder(own).resolve("reference.onnx");
        Path data = ClassFolders.write(own.resolve("data"), 60);
        assertThat(limbeck(
                        "analyze",
                        model.toString(),
                        "--data",
                        data.toString(),
                        "--mean",
                        "0.25",
                        "--std",
                        "0.5",
                        "--images",
                        "16",
                        "--layers",
                        "2",
                        "--cache",
                        folder.resolve("cache").toString(),
                        "-o",
                        folder.resolve("page.html").toString(),
                        "--json"))
                .as(() -> err.toString(StandardCharsets.UTF_8))
                .isZero();

        JsonNode json = Json.mapper().readTree(out.toString(StandardCharsets.UTF_8));
        List<String> commands = new ArrayList<>(json.path("findings").findValuesAsText("command"));
        commands.addAll(json.path("outcomes").findValuesAsText("command"));
        commands.remove("null"); // nothing makes the float network
        assertThat(commands).hasSizeGreaterThan(2);
        for (String command : commands) {
            for (String one : command.split(" && ")) {
                List<String> words = words(one);
                Limbeck.commandLine(console())
                        .parseArgs(words.subList(1, words.size()).toArray(String[]::new));
            }
        }

        List<String> quantize = new ArrayList<>(
                words(json.path("outcomes").get(1).path("command").asText()));
        assertThat(quantize).contains("--mean", "0.25", "--std", "0.5", "--images", "16");
        Path quantized = folder.resolve("int8.onnx");
        quantize.set(quantize.size() - 1, quantized.toString());
        assertThat(limbeck(quantize.subList(1, quantize.size()).toArray(String[]::new)))
                .as(() -> err.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(Graph.read(quantized).metadata()).containsEntry(InputNormalization.MEAN_KEY, "0.25");
    }

    /** As the shell splits them. */
    private static List<String> words(String command) throws Exception {
        Process shell = new ProcessBuilder("bash", "-c", "printf '%s\\n' " + command).start();
        try (BufferedReader lines = shell.inputReader(StandardCharsets.UTF_8)) {
            List<String> words = lines.lines().toList();
            assertThat(shell.waitFor()).isZero();
            return words;
        }
    }

    @Test
    void dataWithoutLabelsGetNoGoal() throws IOException {
        Path model = TinyRun.folder(folder).resolve("reference.onnx");
        Path images = Files.createDirectories(folder.resolve("images"));
        Path labelled = ClassFolders.write(folder.resolve("labelled"), 40);
        try (Stream<Path> files = Files.walk(labelled)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.move(file, images.resolve(file.getFileName()));
            }
        }
        assertThat(limbeck(
                        "analyze",
                        model.toString(),
                        "--data",
                        images.toString(),
                        "--layers",
                        "4",
                        "--cache",
                        folder.resolve("cache").toString(),
                        "-o",
                        folder.resolve("page.html").toString(),
                        "--json"))
                .as(() -> err.toString(StandardCharsets.UTF_8))
                .isZero();
        assertThat(Json.mapper()
                        .readTree(out.toString(StandardCharsets.UTF_8))
                        .path("findings")
                        .findValuesAsText("command"))
                .isNotEmpty()
                .noneMatch(command -> command.contains("--goal"));
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
        out.reset();
        return Limbeck.execute(console(), arguments);
    }

    private Console console() {
        return new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                0,
                Json.mapper());
    }
}
