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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        Path spec = spec(reference(), "serach: {population: 4}");
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
        Path spec = spec(reference(), "space: {blocks: [{from: nowhere, to: elsewhere}]}");
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
            Path spec = spec(reference(), "");
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "run --nonsense spec.yaml | there is no option '--nonsense'",
                "frobnicate | there is no command 'frobnicate'; known are: run, new",
                "quantise a.onnx | there is no command 'quantise'; did you mean 'quantize'?",
                "evaluate a.onnx b.onnx | 'b.onnx' is one argument too many",
                "train a.onnx | '--output=FILE'",
                "train a.onnx --ouptut b.onnx | there is no option '--ouptut'; did you mean '--output'?",
                "train a.onnx -o b.onnx --epochs many | '--epochs': 'many' is not a number",
                "measure a.onnx --image-size 0 | '0' is no size in pixels, such as 224 or 480x640",
                "measure a.onnx --threads two | '--threads': 'two' is not a whole number",
                "quantize a.onnx -o b.onnx --calibration none | '--calibration'",
                "quantize a.onnx -o b.onnx --weights int1 | integers of 1 bits are not supported; give 2 to 16",
                "quantize a.onnx -o b.onnx --activations half | 'half' is no number format",
                "quantize a.onnx -o b.onnx --per-channel --per-tensor | mutually exclusive",
                "quantize a.onnx -o b.onnx --target tpu | target 'tpu' is not known; give onnxruntime-x86, onnxruntime-arm, htp",
                "quantize a.onnx -o b.onnx --target no.json | target 'no.json' cannot be read",
                "quantize a.onnx -o b.onnx --adaround | --adaround cannot do without data",
                "quantize a.onnx -o b.onnx --data d --adaround --block-reconstruction | give one of them",
                "quantize a.onnx -o b.onnx --qat | --qat cannot do without data",
                "quantize a.onnx -o b.onnx --data d --qat --adaround | --qat trains weights, scales and biases itself; leave out",
                "quantize a.onnx -o b.onnx --data d --epochs 2 | --epochs is of no use without --qat, --relaxed or --bayesian-bits",
                "quantize a.onnx -o b.onnx --data d --qat --relaxed | --qat and --relaxed are different ways to train; give one of them",
                "quantize a.onnx -o b.onnx --data d --qat --strength 1 | --strength is of no use without --bayesian-bits",
                "quantize a.onnx -o b.onnx --data d --bayesian-bits | --bayesian-bits needs --strength, such as 0.02",
                "quantize a.onnx -o b.onnx --bayesian-bits --strength 1 | --bayesian-bits cannot do without data",
                "quantize a.onnx -o b.onnx --data d --iterations 9 | --iterations is of no use without --adaround",
                "quantize a.onnx -o b.onnx --data d --percentile 99 | without --calibration percentile",
                "quantize a.onnx -o b.onnx --min-sqnr 20 | --min-sqnr cannot do without data",
                "quantize a.onnx -o b.onnx --data d --min-sqnr -3 | minimumSqnr is -3.0 dB; give a number above 0",
                "quantize a.onnx -o b.onnx --goal 1% | --goal needs labelled images",
                "quantize a.onnx -o b.onnx --goal much --data d | 'much' is no share, such as 1%",
                "quantize a.onnx -o b.onnx --goal 1% --data d --equalize | leave out --equalize",
                "quantize a.onnx -o b.onnx --mixed 4,8 --budget 0.5 | --mixed cannot do without data",
                "quantize a.onnx -o b.onnx --data d --mixed 4,8 | give --budget, such as 0.5",
                "quantize a.onnx -o b.onnx --data d --mixed 4,8 --budget 1 --goal 1% | give either --budget",
                "quantize a.onnx -o b.onnx --data d --mixed 4,8 --budget half | 'half' is no budget",
                "quantize a.onnx -o b.onnx --data d --mixed 4,acht --budget 1 | 'acht' is no precision; give numbers"
                        + " of bits",
                "quantize a.onnx -o b.onnx --data d --mixed 4,8 --budget 1 --weights int4 | leave out --weights",
                "quantize a.onnx -o b.onnx --data d --mixed 4,8 --budget 1 --bayesian-bits --strength 1 | --bayesian-bits learns the bits",
                "quantize a.onnx -o b.onnx --data d --budget 1 | --budget is of no use without --mixed",
                "quantize a.onnx -o b.onnx --encodings-version 3 | '3' is none of 0.6.1, 1.0.0, 2.0.0",
                "quantize a.onnx -o b.onnx --mean 0.5 | give --mean and --std together",
                "quantize a.onnx -o b.onnx --mean 0.5 --std 0 | standard deviation of pixels is 0.0",
                "compress a.onnx -o b.onnx | '--scheme=NAME'",
                "compress a.onnx -o b.onnx --scheme svd | 'svd' is none of spatial-svd, weight-svd, channel-pruning",
                "compress a.onnx -o b.onnx --scheme weight-svd --ratio 2 | ratio is 2.0; give the share",
                "compress a.onnx -o b.onnx --scheme weight-svd --multiple 0 | multiple is 0; give 1 or more",
                "new resnet20 -o net.onnx --mean 0.5 | give --mean and --std together",
                "new resnet20 -o net.onnx --data nowhere | no dataset, file or folder 'nowhere'",
                "worker device --kafka nonsense | --kafka is 'nonsense'; give HOST:PORT",
                "worker device --metrics-port 99999 | --metrics-port is 99999; give a number from 0 to 65535",
                "worker device --class Phones | Invalid value for option '--class': 'Phones' is no class; give lower-case letters",
                "devices --temporal a:1 | --kafka HOST:PORT or LIMBECK_KAFKA is missing",
                "submit a.yaml --runs runs --temporal a:1 | for the end of the run; give --wait too",
                "worker gpu --slots 0 | --slots is 0; give 1 or more",
                "worker gpu --device gpu | 'gpu' is no device; give cpu or cuda:0",
                "worker gpu --device cuda:99 | there is no 'cuda:99'",
                "new resnet20 -o net.onnx --data-dir /nowhere/at/all | --data-dir /nowhere/at/all: no such folder",
            })
    void wrongUsage(String arguments, String message) {
        assertThat(limbeck(arguments.split(" "))).isEqualTo(2);
        assertThat(said()).startsWith("limbeck: ").contains(message).doesNotContain("Usage:");
        assertThat(said().lines().count()).isLessThanOrEqualTo(2);
    }

    @Test
    void aNetworkIsNotWrittenOverItself() throws IOException {
        Path network = Files.write(folder.resolve("net.onnx"), new byte[1]);
        assertThat(limbeck("equalize", network.toString(), "-o", network.toString()))
                .isEqualTo(2);
        assertThat(said()).contains(network + " is the network itself");
    }

    @Test
    void aFolderOfDataThatHasNoneIsNotPassedOver() {
        String output = folder.resolve("net.onnx").toString();
        assertThat(limbeck("new", "resnet20", "-o", output, "--data-dir", folder.toString()))
                .isEqualTo(2);
        assertThat(said()).contains("Fashion-MNIST was not found", folder + ": no ");
    }

    @Test
    void anOutputThatIsAFolderIsSeenBeforeTheWork() {
        assertThat(limbeck("quantize", REFERENCE.toString(), "-o", folder.toString()))
                .isEqualTo(2);
        assertThat(said()).contains(folder + " cannot be written (it is a folder)");
    }

    @Test
    void nothingAskedForIsAnsweredWithWhatIsPossible() {
        assertThat(limbeck()).isEqualTo(2);
        assertThat(said()).contains("Usage: limbeck", "Commands:", "measure");
    }

    @Test
    void aSpecReadsNothingOutsideItsFolder() throws IOException {
        Path spec = spec(REFERENCE, "");
        assertThat(limbeck("run", spec.toString())).isEqualTo(2);
        assertThat(said()).contains(spec + ":3: reference: ", "outside the spec's folder", "--allow ");
    }

    @Test
    void aNameThatIsNoDatasetIsNotLookedForWhereTheCommandIsGiven() throws IOException {
        Path spec = spec(reference(), "");
        Files.writeString(spec, Files.readString(spec).replace("fashion-mnist", "src"));
        assertThat(limbeck("run", spec.toString())).isEqualTo(2);
        assertThat(said()).contains("no dataset, file or folder 'src' beside the spec");
    }

    private Path reference() throws IOException {
        return Files.copy(REFERENCE, folder.resolve("reference.onnx"));
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
                0,
                Json.mapper());
        return Limbeck.execute(console, arguments);
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
