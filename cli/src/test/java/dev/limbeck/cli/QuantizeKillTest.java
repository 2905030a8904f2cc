package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.schemas.QuantizationResults;
import dev.limbeck.schemas.Schemas;
import dev.limbeck.workers.common.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run that quantizes and is killed while weights are rounded goes on after the last layer, and makes the same file. */
@Timeout(300)
class QuantizeKillTest {

    private static final List<String> COMMAND = List.of("run", "quantize.yaml", "--store", "store");

    private static final String SPEC = """
            limbeck: v1
            name: rounded
            job: quantize
            reference: reference.onnx
            task: {type: classification, data: fashion-mnist}
            quantize: {weights: int4, images: 64, biasCorrection: true, rounding: {method: adaround, iterations: 150}}
            """;

    private static final String MODEL = "runs/rounded/models/int4.onnx";

    /** That the run was begun, and what the reference reaches. */
    private static final int OTHER_RECORDS = 2;

    @TempDir
    private Path folder;

    @Test
    void goesOnAfterTheLastLayerAndMakesTheSameFile() throws Exception {
        Path undisturbed = prepared("undisturbed");
        Path disturbed = prepared("disturbed");
        Map<Path, FileTime> left;
        try (LimbeckProcess beside = LimbeckProcess.start(undisturbed, COMMAND)) {
            try (LimbeckProcess run = LimbeckProcess.start(disturbed, COMMAND)) {
                while (records(disturbed).size() < OTHER_RECORDS + 2) {
                    assertThat(disturbed.resolve(MODEL)).as(run.said()).doesNotExist();
                    Thread.sleep(20);
                }
                run.kill();
            }
            left = records(disturbed);
            assertThat(disturbed.resolve("runs")).doesNotExist();
            try (LimbeckProcess run = LimbeckProcess.start(disturbed, COMMAND)) {
                QuantizationResults.Network network = result(run, disturbed);
                assertThat(run.said()).contains("goes on where it was", "went on after");
                assertThat(network.remembered())
                        .isEqualTo(left.size() - OTHER_RECORDS)
                        .isPositive();
            }
            QuantizationResults.Network network = result(beside, undisturbed);
            assertThat(beside.said()).doesNotContain("goes on where it was");
            assertThat(network.remembered()).isZero();
            assertThat(network.methods())
                    .extracting(QuantizationResults.Method::name)
                    .containsExactly("calibration", "AdaRound", "bias correction");
            assertThat(network.steps()).anyMatch(step -> step.contains("AdaRound, 150 iterations"));
        }

        assertThat(disturbed.resolve(MODEL)).hasSameBinaryContentAs(undisturbed.resolve(MODEL));
        Map<Path, FileTime> after = records(disturbed);
        after.keySet().retainAll(left.keySet());
        left.entrySet().removeAll(after.entrySet());
        assertThat(left)
                .as("records written again: only that the run was begun")
                .hasSize(1);
    }

    private Path prepared(String name) throws IOException {
        Path prepared = TinyRun.folder(folder.resolve(name));
        Files.writeString(prepared.resolve("quantize.yaml"), SPEC);
        return prepared;
    }

    private static QuantizationResults.Network result(LimbeckProcess run, Path folder)
            throws InterruptedException, IOException {
        assertThat(run.join()).as(run.said()).isZero();
        Path results = folder.resolve("runs/rounded/results.json");
        assertThat(Schemas.named("quantization").validate(Json.mapper().readTree(results.toFile())))
                .isEmpty();
        return QuantizationResults.read(results).networks().getFirst();
    }

    /** When each record of the store was written. */
    private static Map<Path, FileTime> records(Path folder) throws IOException {
        Map<Path, FileTime> times = new HashMap<>();
        Path records = folder.resolve("store/records");
        if (!Files.isDirectory(records)) {
            return times;
        }
        try (Stream<Path> files = Files.list(records)) {
            for (Path file : files.toList()) {
                times.put(file, Files.getLastModifiedTime(file));
            }
        }
        return times;
    }
}
