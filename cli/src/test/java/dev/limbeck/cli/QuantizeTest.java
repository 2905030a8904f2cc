package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.limbeck.graph.BatchNormFolding;
import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.InputNormalization;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.Provenance;
import dev.limbeck.quantize.Encodings;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.workers.common.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that quantize and equalize. */
class QuantizeTest {

    private static final Path REFERENCE =
            Path.of("..", "examples", "fashion-mnist", "reference.onnx").toAbsolutePath();

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void withoutDataBatchNormsAreGoneBy() throws IOException {
        Path file = folder.resolve("int8.onnx");
        assertThat(limbeck(
                        "quantize",
                        REFERENCE.toString(),
                        "--equalize",
                        "--bias-correction",
                        "-o",
                        file.toString(),
                        "--json"))
                .isZero();
        JsonNode answer = Json.mapper().readTree(out.toByteArray());
        assertThat(answer.get("steps").toString()).contains("from batch norms, without data", "layers equalized");
        assertThat(answer.get("advice").asText()).contains("not tried", "limbeck compare");
        assertThat(answer.has("accuracy")).isFalse();
        assertThat(answer.get("bytes").asLong()).isEqualTo(Files.size(file));
        Graph quantized = Graph.read(file);
        assertThat(quantized.nodes()).extracting(Node::op).contains("QuantizeLinear");
        assertThat(Provenance.of(quantized).orElseThrow().inputs()).containsOnlyKeys("model");
    }

    @Test
    void aTargetSaysHowActivationsAreStored() {
        Path file = folder.resolve("arm.onnx");
        assertThat(limbeck("quantize", REFERENCE.toString(), "--target", "onnxruntime-arm", "-o", file.toString()))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("%s, %.1f KiB: ".formatted(file, file.toFile().length() / 1024.0));
        Graph arm = Graph.read(file);
        assertThat(arm.nodes())
                .filteredOn(node -> node.op().equals("QuantizeLinear"))
                .isNotEmpty()
                .allMatch(node -> arm.initializers().get(node.input(2)).type() == ElementType.INT8);
    }

    @Test
    void filesThatCannotBeWrittenAreRefusedBeforeTheWork() {
        Path file = folder.resolve("int8.onnx");
        assertThat(limbeck("quantize", REFERENCE.toString(), "--encodings", folder.toString(), "-o", file.toString()))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("it is a folder", "another file by --encodings");
        assertThat(file).doesNotExist();
    }

    @Test
    void foldedNetworksOfUnknownPixelsNeedData() {
        Path folded = folder.resolve("folded.onnx");
        BatchNormFolding.fold(Graph.read(REFERENCE).edit().clearMetadata().build())
                .write(folded);
        Path file = folder.resolve("int8.onnx");
        assertThat(limbeck("quantize", folded.toString(), "-o", file.toString()))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("limbeck.input.mean", "--data");
        assertThat(file).doesNotExist();
    }

    @Test
    void equalizedNetworksStayFloat() throws IOException {
        Path file = folder.resolve("equalized.onnx");
        assertThat(limbeck("equalize", REFERENCE.toString(), "-o", file.toString(), "--json"))
                .isZero();
        JsonNode answer = Json.mapper().readTree(out.toByteArray());
        assertThat(answer.get("spread").asDouble())
                .isLessThan(answer.get("spreadBefore").asDouble());
        assertThat(Graph.read(file).nodes())
                .extracting(Node::op)
                .contains("Conv")
                .doesNotContain("BatchNormalization", "QuantizeLinear");
    }

    @Test
    void fewBitsAreTrained() throws IOException {
        Path file = folder.resolve("int4.onnx");
        String[] command = {
            "quantize",
            tiny().toString(),
            "--data",
            ClassFolders.write(folder.resolve("data"), 200).toString(),
            "--weights",
            "int4",
            "--activations",
            "uint4",
            "--qat",
            "--epochs",
            "0.5",
            "--cache",
            folder.resolve("cache").toString(),
            "-o",
            file.toString(),
            "--json"
        };
        assertThat(limbeck(command)).isZero();
        JsonNode methods = Json.mapper().readTree(out.toByteArray()).get("methods");
        assertThat(methods).hasSize(2);
        assertThat(methods.get(1).get("method").asText()).isEqualTo("QAT");
        assertThat(methods.get(1).get("done").toString()).contains("weights and", "scales trained");
        String digest = Graph.read(file).digest();

        assertThat(limbeck(command)).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("goes on where an earlier run of this command was");
        assertThat(Graph.read(file).digest()).isEqualTo(digest);
    }

    @Test
    void imagesMayLieInClassFolders() throws IOException {
        Path data = ClassFolders.write(folder.resolve("data"), 300);
        assertThat(limbeck("evaluate", REFERENCE.toString(), "--data", data.toString(), "--json"))
                .isZero();
        assertThat(Json.mapper().readTree(out.toByteArray()).get("accuracy").asDouble())
                .isGreaterThan(0.8);
        out.reset();
        Path file = folder.resolve("int8.onnx");
        assertThat(limbeck(
                        "quantize",
                        REFERENCE.toString(),
                        "--data",
                        data.toString(),
                        "--mean",
                        "0.286",
                        "--std",
                        "0.353",
                        "-o",
                        file.toString(),
                        "--json"))
                .isZero();
        assertThat(Json.mapper().readTree(out.toByteArray()).get("accuracy").asDouble())
                .isGreaterThan(0.8);
        assertThat(Graph.read(file).metadata()).containsEntry(InputNormalization.MEAN_KEY, "0.286");
    }

    @Test
    void eachMethodSaysWhatItBrought() throws IOException {
        Path file = folder.resolve("int4.onnx");
        Path encodings = folder.resolve("int4.json");
        assertThat(limbeck(
                        "quantize",
                        tiny().toString(),
                        "--data",
                        ClassFolders.write(folder.resolve("data"), 100).toString(),
                        "--weights",
                        "int4",
                        "--activations",
                        "uint16",
                        "--calibration",
                        "mse",
                        "--equalize",
                        "--bias-correction",
                        "--encodings",
                        encodings.toString(),
                        "--encodings-version",
                        "2.0.0",
                        "--cache",
                        folder.resolve("cache").toString(),
                        "-o",
                        file.toString(),
                        "--json"))
                .isZero();
        JsonNode answer = Json.mapper().readTree(out.toByteArray());
        assertThat(answer.get("methods"))
                .extracting(method -> method.get("method").asText())
                .containsExactly("calibration", "equalization", "bias correction");
        assertThat(answer.get("methods")).allSatisfy(method -> {
            assertThat(method.get("accuracyBefore").isNumber()).isTrue();
            assertThat(method.get("accuracy").isNumber()).isTrue();
            assertThat(method.get("seconds").asDouble()).isPositive();
            assertThat(method.get("done")).isNotEmpty();
        });
        assertThat(answer.get("methods").get(0).get("done").toString()).contains("MSE", "int4 weights");
        assertThat(answer.get("accuracy"))
                .isEqualTo(answer.get("methods").get(2).get("accuracy"));
        Graph quantized = Graph.read(file);
        assertThat(Provenance.of(quantized).orElseThrow().inputs()).containsOnlyKeys("model", "data");
        assertThat(Json.mapper().readTree(encodings.toFile()).get("version").asText())
                .isEqualTo("2.0.0");
        Graph prepared = Quantizer.prepare(Graph.read(tiny()));
        assertThat(Encodings.read(encodings, prepared).parameters().values())
                .allMatch(encoding -> encoding.bits() == 4);
    }

    @Test
    void aMissedGoalIsAFailureThatKeepsTheBest() throws IOException {
        String data = ClassFolders.write(folder.resolve("data"), 60).toString();
        String[] command = {
            "quantize",
            REFERENCE.toString(),
            "--data",
            data,
            "--images",
            "8",
            "--weights",
            "int2",
            "--per-tensor",
            "--goal",
            "0%",
            "--iterations",
            "1",
            "--cache",
            folder.resolve("cache").toString(),
            "-o",
            folder.resolve("int2.onnx").toString(),
            "--json"
        };
        assertThat(limbeck(command)).isOne();
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("the goal is missed", "the best network was taken", "layers that cost most")
                .doesNotContain("goes on where");
        JsonNode answer = Json.mapper().readTree(out.toByteArray());
        assertThat(answer.get("goalMet").asBoolean()).isFalse();
        assertThat(answer.get("methods")).hasSize(8).noneMatch(method -> method.get("remembered")
                .asBoolean());
        assertThat(answer.get("layers")).hasSize(43);
        Graph best = Graph.read(folder.resolve("int2.onnx"));

        out.reset();
        assertThat(limbeck(command)).isOne();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("goes on where an earlier run");
        assertThat(Json.mapper().readTree(out.toByteArray()).get("methods"))
                .allMatch(method -> method.get("remembered").asBoolean());
        assertThat(Graph.read(folder.resolve("int2.onnx"))).isEqualTo(best);
    }

    @Test
    void aGoalThatIsMetStopsTheSearch() throws IOException {
        assertThat(limbeck(
                        "quantize",
                        tiny().toString(),
                        "--data",
                        ClassFolders.write(folder.resolve("data"), 60).toString(),
                        "--goal",
                        "30%",
                        "--cache",
                        folder.resolve("cache").toString(),
                        "-o",
                        folder.resolve("int8.onnx").toString()))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("minmax calibration", "layers that cost most")
                .doesNotContain("sqnr calibration");
    }

    @Test
    void roundingThatIsKilledGoesOn() throws Exception {
        TinyRun.folder(folder);
        String data = ClassFolders.write(folder.resolve("data"), 60).toString();
        Path cache = folder.resolve("cache");
        try (LimbeckProcess process = LimbeckProcess.start(folder, rounding(data, cache, "killed.onnx"))) {
            process.await("round weights");
            Path records = cache.resolve("records");
            while (records.toFile().list().length < 2) {
                Thread.sleep(20);
            }
            process.kill();
        }
        assertThat(folder.resolve("killed.onnx")).doesNotExist();
        assertThat(limbeck(rounding(data, cache, "killed.onnx").toArray(String[]::new)))
                .isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("goes on where an earlier run of this command was");
        err.reset();
        assertThat(limbeck(rounding(data, folder.resolve("other"), "undisturbed.onnx")
                        .toArray(String[]::new)))
                .isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).doesNotContain("goes on where");
        assertThat(folder.resolve("killed.onnx")).hasSameBinaryContentAs(folder.resolve("undisturbed.onnx"));
    }

    @Test
    void layersGetBitsOfTheirOwn() throws Exception {
        TinyRun.folder(folder);
        String data = ClassFolders.write(folder.resolve("data"), 60).toString();
        Path cache = folder.resolve("cache");
        try (LimbeckProcess process = LimbeckProcess.start(folder, mixed(data, cache, "killed.onnx", "0.5"))) {
            process.await("sensitivity of layers");
            while (cache.resolve("records").toFile().list().length < 3) {
                Thread.sleep(20);
            }
            process.kill();
        }
        assertThat(folder.resolve("killed.onnx")).doesNotExist();
        assertThat(limbeck(mixed(data, cache, "killed.onnx", "0.5").toArray(String[]::new)))
                .isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("goes on where an earlier run of this command was");
        out.reset();
        assertThat(limbeck(mixed(data, folder.resolve("other"), "undisturbed.onnx", "0.5")
                        .toArray(String[]::new)))
                .isZero();
        assertThat(folder.resolve("killed.onnx")).hasSameBinaryContentAs(folder.resolve("undisturbed.onnx"));
        JsonNode mixed = Json.mapper().readTree(out.toByteArray()).get("mixed");
        assertThat(mixed.get("share").asDouble()).isBetween(0.25, 0.5);
        assertThat(mixed.get("groups").findValuesAsText("precision")).contains("w8a8", "w4a4");
        assertThat(mixed.get("groups").get(0).get("losses")).hasSize(4);
        assertThat(mixed.get("paretoList")).hasSizeGreaterThan(2).allSatisfy(member -> assertThat(
                        member.get("exactPredictedLoss").asDouble())
                .isLessThanOrEqualTo(member.get("greedyPredictedLoss").asDouble() + 1e-9));

        err.reset();
        assertThat(limbeck(mixed(data, cache, "small.onnx", "0.2").toArray(String[]::new)))
                .isOne();
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("the budget of 0.2 of the 8-bit network's bit-operations is missed", "precisions takes 0.25");
        assertThat(folder.resolve("small.onnx")).exists();
    }

    private List<String> mixed(String data, Path cache, String file, String budget) {
        return List.of(
                "quantize",
                folder.resolve("reference.onnx").toString(),
                "--data",
                data,
                "--mixed",
                "4,8",
                "--budget",
                budget,
                "--cache",
                cache.toString(),
                "-o",
                folder.resolve(file).toString(),
                "--json");
    }

    private List<String> rounding(String data, Path cache, String file) {
        return List.of(
                "quantize",
                folder.resolve("reference.onnx").toString(),
                "--data",
                data,
                "--images",
                "8",
                "--weights",
                "int4",
                "--adaround",
                "--iterations",
                "300",
                "--cache",
                cache.toString(),
                "-o",
                folder.resolve(file).toString());
    }

    @Test
    void dataWithoutLabelsTellNoAccuracy() throws IOException {
        Path data = folder.resolve("data");
        Files.createDirectories(data);
        Path labelled = ClassFolders.write(folder.resolve("labelled"), 20);
        try (Stream<Path> files = Files.walk(labelled)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.move(file, data.resolve(file.getFileName()));
            }
        }
        String file = folder.resolve("int8.onnx").toString();
        assertThat(limbeck("quantize", REFERENCE.toString(), "--data", data.toString(), "-o", file, "--json"))
                .isZero();
        JsonNode answer = Json.mapper().readTree(out.toByteArray());
        assertThat(answer.has("accuracy")).isFalse();
        assertThat(answer.get("outputSqnrDb").asDouble()).isGreaterThan(15);
        assertThat(limbeck("quantize", REFERENCE.toString(), "--data", data.toString(), "-o", file, "--goal", "1%"))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("--goal needs labels");
    }

    /** Where methods take long and only what they do matters. */
    private Path tiny() throws IOException {
        return TinyRun.folder(folder).resolve("reference.onnx");
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
