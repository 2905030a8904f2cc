package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.schemas.QuantizationResults;
import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** A CI's commands against a fleet in another process. */
@Timeout(300)
class SubmitTest {

    private static final Pattern OPTIONS = Pattern.compile("--temporal (\\S+) --kafka \\S+ --store (\\S+)");

    private static final String SMALL = """
            limbeck: v1
            name: %s
            job: quantize
            reference: reference.onnx
            task: {type: classification, data: fashion-mnist}
            quantize: {weights: int8, calibration: minmax, images: 64}
            goals: {accuracyDrop: 0.99, size: %s}
            """;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private List<String> servers;

    @Test
    void givesRunsToAFleetAndHearsOfTheirEnd() throws Exception {
        TinyRun.folder(folder);
        try (LimbeckProcess up = LimbeckProcess.start(folder, List.of("up", "--slots", "1"))) {
            Matcher options = up.await(OPTIONS);
            servers = List.of("--temporal", options.group(1), "--store", options.group(2));
            up.await("Ctrl-C stops it");
            aRunIsSubmittedOnceAndCancelled();
            goalsAreMet();
            goalsAreMissed();
            theActionSubmits("good", 0, "completed", "true");
            theActionSubmits("missed", 1, "completed", "false");
            up.stop();
            assertThat(up.join()).isZero();
        }
        assertThat(limbeck("list")).isEqualTo(ExitCodes.UNREACHABLE);
        assertThat(said()).contains("no Temporal server answers at");
    }

    private void aRunIsSubmittedOnceAndCancelled() throws IOException {
        String spec = folder.resolve(TinyRun.SPEC).toString();
        assertThat(limbeck("submit", spec)).as(said()).isZero();
        JsonNode submitted = answer();
        String run = submitted.get("runId").asText();
        assertThat(run).startsWith("tiny-");
        assertThat(submitted.get("state").asText()).isEqualTo("running");

        assertThat(limbeck("submit", spec, "--wait", "--timeout", "1s")).isEqualTo(ExitCodes.STILL_RUNNING);
        assertThat(said()).contains("was submitted before and is joined", "limbeck watch " + run);
        assertThat(answer().get("runId").asText()).isEqualTo(run);

        assertThat(limbeck("list", "--json")).isZero();
        assertThat(answer()).hasSize(1);
        assertThat(answer().get(0).get("runId").asText()).isEqualTo(run);
        assertThat(limbeck("status", run)).isZero();
        assertThat(printed()).contains("run " + run + ": running");

        assertThat(limbeck("cancel", run)).isZero();
        Path junit = folder.resolve("cancelled.xml");
        assertThat(limbeck("watch", run, "--junit", junit.toString())).isEqualTo(ExitCodes.FAILED);
        assertThat(answer().get("state").asText()).isEqualTo("cancelled");
        assertThat(junit).content().contains("<error");
        assertThat(limbeck("cancel", run)).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(said()).contains("is cancelled already");
        assertThat(limbeck("status", "none")).isEqualTo(ExitCodes.BAD_INPUT);
        assertThat(said()).contains("there is no run 'none'");
    }

    private void goalsAreMet() throws Exception {
        String spec = spec("good", "1 MB");
        Path summary = Files.writeString(folder.resolve("summary.md"), "what was there\n");
        Path junit = folder.resolve("good.xml");
        String[] command = {
            "submit",
            spec,
            "--wait",
            "--junit",
            junit.toString(),
            "--summary",
            summary.toString(),
            "--runs",
            folder.resolve("runs").toString()
        };
        assertThat(limbeck(command)).as(said()).isZero();
        JsonNode run = answer();
        assertThat(run.get("state").asText()).isEqualTo("completed");
        assertThat(run.get("goalsMet").asBoolean()).isTrue();
        assertThat(run.at("/results/networks/0/model").asText()).isEqualTo("models/int8.onnx");
        QuantizationResults written = QuantizationResults.read(folder.resolve("runs/good/results.json"));
        assertThat(written.runId()).isEqualTo(run.get("runId").asText());
        assertThat(summary)
                .content()
                .startsWith("what was there\n")
                .contains("met its goals", "| after | `models/int8.onnx`");
        Document xml = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(junit.toFile());
        assertThat(xml.getElementsByTagName("testcase").getLength()).isEqualTo(2);
        assertThat(xml.getElementsByTagName("failure").getLength()).isZero();

        assertThat(limbeck("submit", spec)).isZero();
        assertThat(said()).contains("was submitted before and is joined");
        assertThat(answer()).isEqualTo(run);
    }

    private void goalsAreMissed() throws Exception {
        Path junit = folder.resolve("missed.xml");
        assertThat(limbeck("submit", spec("missed", "1 B"), "--wait", "--junit", junit.toString()))
                .isEqualTo(ExitCodes.FAILED);
        assertThat(said()).contains("at most 1 B: missed", "a goal of the spec is missed");
        assertThat(answer().get("goalsMet").asBoolean()).isFalse();
        Document xml = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(junit.toFile());
        assertThat(xml.getElementsByTagName("failure").getLength()).isEqualTo(1);
    }

    /** The shell of the GitHub action, as a runner runs it. */
    private void theActionSubmits(String name, int code, String state, String goalsMet) throws Exception {
        Path launcher = Files.writeString(
                folder.resolve("launcher"),
                "#!/bin/sh\nexec '%s/bin/java' -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED dev.limbeck.cli.Limbeck \"$@\"\n"
                        .formatted(System.getProperty("java.home")));
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        Path output = folder.resolve(name + ".output");
        ProcessBuilder step = new ProcessBuilder(
                        "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", GithubAction.shell(Path.of("..")))
                .directory(folder.toFile())
                .redirectErrorStream(true);
        step.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        step.environment()
                .putAll(Map.of(
                        "SPEC",
                        name + ".yaml",
                        "TEMPORAL",
                        servers.get(1),
                        "STORE",
                        servers.get(3),
                        "TIMEOUT",
                        "5m",
                        "RUNS",
                        "action runs",
                        "JUNIT",
                        "action.xml",
                        "LIMBECK",
                        launcher.toString(),
                        "ACTION",
                        "nowhere",
                        "RUNNER_TEMP",
                        folder.toString(),
                        "GITHUB_OUTPUT",
                        output.toString()));
        step.environment()
                .put("GITHUB_STEP_SUMMARY", folder.resolve("action.md").toString());
        Process process = step.start();
        String log = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(log).isEqualTo(code);
        assertThat(Files.readAllLines(output))
                .anyMatch(line -> line.matches("run=" + name + "-[0-9a-f]{12}"))
                .contains("state=" + state, "goals-met=" + goalsMet);
        assertThat(log.contains("::error file=" + name + ".yaml")).isEqualTo(code != 0);
        assertThat(folder.resolve("action runs").resolve(name).resolve("results.json"))
                .isNotEmptyFile();
        assertThat(folder.resolve("action.xml")).isNotEmptyFile();
        assertThat(folder.resolve("action.md")).content().contains("`" + name + "-");
    }

    private String spec(String name, String size) throws IOException {
        return Files.writeString(folder.resolve(name + ".yaml"), SMALL.formatted(name, size))
                .toString();
    }

    private int limbeck(String... arguments) {
        out.reset();
        err.reset();
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(servers);
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                0,
                Json.mapper());
        return Limbeck.execute(console, all.toArray(String[]::new));
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private JsonNode answer() throws IOException {
        return Json.mapper().readTree(out.toByteArray());
    }
}
