package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad input gets one clear message and exit code 2, and leaves nothing behind. */
class BadInputTest {

    private static final Path REFERENCE =
            Path.of("..", "examples", "fashion-mnist", "reference.onnx").toAbsolutePath();

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void missingSpec() {
        assertThat(limbeck("run", "nothing.yaml")).isEqualTo(2);
        assertThat(said()).contains("nothing.yaml: no such file");
    }

    @Test
    void wrongKeyNamesFileLineAndTheRightOne() throws IOException {
        Path spec = spec(REFERENCE, "serach: {population: 4}");
        assertThat(limbeck("run", spec.toString())).isEqualTo(2);
        assertThat(said()).contains(spec + ":6", "'serach'", "did you mean 'search'?");
    }

    @Test
    void missingReference() throws IOException {
        Path spec = spec(folder.resolve("absent.onnx"), "");
        assertThat(limbeck("run", spec.toString())).isEqualTo(2);
        assertThat(said()).contains("absent.onnx: no such file");
    }

    @Test
    void truncatedReference() throws IOException {
        byte[] whole = Files.readAllBytes(REFERENCE);
        Path broken = Files.write(folder.resolve("broken.onnx"), Arrays.copyOf(whole, whole.length / 2));
        assertThat(limbeck("run", spec(broken, "").toString())).isEqualTo(2);
        assertThat(said()).contains("broken.onnx", "truncated");
    }

    @Test
    void foreignFileAsNetwork() throws IOException {
        Path text = Files.writeString(folder.resolve("text.onnx"), "this is no network");
        assertThat(limbeck("evaluate", text.toString())).isEqualTo(2);
        assertThat(said()).contains("text.onnx", "not an ONNX model");
    }

    @Test
    void unknownBlockTensor() throws IOException {
        Path spec = spec(REFERENCE, "space: {blocks: [{from: nowhere, to: elsewhere}]}");
        assertThat(limbeck(
                        "run",
                        spec.toString(),
                        "--store",
                        folder.resolve("store").toString(),
                        "--runs",
                        folder.resolve("runs").toString()))
                .isEqualTo(2);
        assertThat(said()).contains("nowhere");
        assertThat(folder.resolve("runs")).doesNotExist();
    }

    @Test
    void metricsPortInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = String.valueOf(taken.getLocalPort());
            Path spec = spec(REFERENCE, "");
            assertThat(limbeck(
                            "run",
                            spec.toString(),
                            "--metrics-port",
                            port,
                            "--store",
                            folder.resolve("store").toString()))
                    .isEqualTo(2);
            assertThat(said()).contains(port, "--metrics-port");
        }
    }

    @Test
    void unknownOption() {
        assertThat(limbeck("run", "--nonsense")).isEqualTo(2);
    }

    private Path spec(Path reference, String more) throws IOException {
        return Files.writeString(folder.resolve("spec.yaml"), """
                limbeck: v1
                name: bad
                reference: %s
                task: {type: classification, data: fashion-mnist}
                scenarios: [{name: float}]
                %s
                """.formatted(reference, more));
    }

    private int limbeck(String... arguments) {
        Console console = new Console(
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                Json.mapper());
        return Limbeck.execute(console, arguments);
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
