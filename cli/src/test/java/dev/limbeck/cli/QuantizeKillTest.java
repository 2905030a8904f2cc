package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.schemas.QuantizationResults;
import dev.limbeck.schemas.Schemas;
import dev.limbeck.workers.common.Json;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that is killed while a compressed network is trained, while scales are chosen and weights rounded, and while a quantized network is trained goes on
 * after the last checkpoint and layer each time, and makes the same files.
 */
@Timeout(600)
class QuantizeKillTest {

    private static final List<String> COMMAND = List.of(
            "run",
            "quantize.yaml",
            "--store",
            "store",
            "--allow",
            "..",
            "--slots",
            "1",
            "--checkpoint-interval",
            "200ms");

    private static final String SPEC = """
            limbeck: v1
            name: small
            job: quantize
            reference: reference.onnx
            task: {type: classification, data: %s}
            compress: {scheme: spatial-svd, ratio: 0.9, selection: uniform, images: 20, epochs: 100}
            quantize:
              - name: rounded
                weights: int4
                images: 64
                biasCorrection: true
                rounding: {method: block-reconstruction, iterations: 150, seqMse: true, candidates: 5}
              - {name: trained, method: qat, weights: int4, images: 64, epochs: 50}
            """;

    private static final List<String> MODELS = List.of("spatial-svd", "rounded", "trained");

    private static final int IMAGES = 200;

    @TempDir
    private Path folder;

    @Test
    void goesOnAfterTheLastCheckpointOrLayerAndMakesTheSameFiles() throws Exception {
        Path images = ClassFolders.write(folder.resolve("images"), IMAGES);
        Path undisturbed = prepared("undisturbed", images);
        Path disturbed = prepared("disturbed", images);
        try (LimbeckProcess beside = LimbeckProcess.start(undisturbed, COMMAND)) {
            Map<Path, FileTime> left;
            Map<Path, Long> compressing;
            try (LimbeckProcess run = LimbeckProcess.start(disturbed, COMMAND)) {
                compressing = killedInTraining(run, disturbed);
            }
            try (LimbeckProcess run = LimbeckProcess.start(disturbed, COMMAND)) {
                goesOnFrom(compressing, disturbed);
                run.await("quantize  0/2");
                int before = records(disturbed).size();
                while (records(disturbed).size() < before + 2) {
                    waitFor(run, disturbed);
                }
                run.kill();
            }
            left = records(disturbed);
            Map<Path, Long> training;
            try (LimbeckProcess run = LimbeckProcess.start(disturbed, COMMAND)) {
                training = killedInTraining(run, disturbed);
            }
            try (LimbeckProcess run = LimbeckProcess.start(disturbed, COMMAND)) {
                goesOnFrom(training, disturbed);
                List<QuantizationResults.Network> networks = results(run, disturbed);
                assertThat(run.said()).contains("goes on where it was", "went on after");
                assertThat(networks.get(1).remembered()).isGreaterThanOrEqualTo(2);
                assertThat(networks.get(2).remembered()).isOne();
            }
            Map<Path, FileTime> after = records(disturbed);
            left.entrySet().removeAll(after.entrySet());
            assertThat(left)
                    .as("records written again: only that the run was begun")
                    .hasSize(1);

            List<QuantizationResults.Network> networks = results(beside, undisturbed);
            assertThat(beside.said()).doesNotContain("goes on where it was");
            assertThat(networks)
                    .extracting(QuantizationResults.Network::remembered)
                    .containsOnly(0);
            assertThat(networks.get(1).methods())
                    .extracting(QuantizationResults.Method::name)
                    .containsExactly("calibration", "SeqMSE", "block reconstruction", "bias correction");
        }

        for (String model : MODELS) {
            String file = "runs/small/models/" + model + ".onnx";
            assertThat(disturbed.resolve(file)).hasSameBinaryContentAs(undisturbed.resolve(file));
        }
    }

    private Path prepared(String name, Path images) throws IOException {
        Path prepared = TinyRun.folder(folder.resolve(name));
        Files.writeString(prepared.resolve("quantize.yaml"), SPEC.formatted(images));
        return prepared;
    }

    private static void waitFor(LimbeckProcess run, Path folder) throws InterruptedException {
        assertThat(folder.resolve("runs")).as(run.said()).doesNotExist();
        Thread.sleep(20);
    }

    /** Kills a run that has kept the state of a training twice. @return the step of each training's last checkpoint */
    private static Map<Path, Long> killedInTraining(LimbeckProcess run, Path folder) throws Exception {
        Set<Map<Path, Long>> seen = new HashSet<>(Set.of(Map.of()));
        while (seen.size() < 3) {
            waitFor(run, folder);
            seen.add(steps(folder));
        }
        run.kill();
        Map<Path, Long> killed = steps(folder);
        assertThat(killed).as("a training that is under way").hasSize(1);
        return killed;
    }

    /** A training that began anew would keep states of earlier steps first. */
    private static void goesOnFrom(Map<Path, Long> killed, Path folder) throws Exception {
        Path checkpoint = killed.keySet().iterator().next();
        Map<Path, Long> now = steps(folder);
        while (killed.equals(now)) {
            Thread.sleep(5);
            now = steps(folder);
        }
        assertThat(now.getOrDefault(checkpoint, Long.MAX_VALUE)).isGreaterThan(killed.get(checkpoint));
    }

    private static List<QuantizationResults.Network> results(LimbeckProcess run, Path folder)
            throws InterruptedException, IOException {
        assertThat(run.join()).as(run.said()).isZero();
        Path results = folder.resolve("runs/small/results.json");
        assertThat(Schemas.named("quantization").validate(Json.mapper().readTree(results.toFile())))
                .isEmpty();
        return QuantizationResults.read(results).networks();
    }

    /** The next step of each training whose state is kept. */
    private static Map<Path, Long> steps(Path folder) throws IOException {
        Map<Path, Long> steps = new HashMap<>();
        for (Path file : records(folder).keySet()) {
            try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
                if (in.readUTF().equals("LIMBECK1")) {
                    in.readUTF();
                    steps.put(file, in.readLong());
                }
            } catch (EOFException | UTFDataFormatException | NoSuchFileException e) {
                // another kind of record, or just forgotten
            }
        }
        return steps;
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
                try {
                    times.put(file, Files.getLastModifiedTime(file));
                } catch (NoSuchFileException e) {
                    // just forgotten
                }
            }
        }
        return times;
    }
}
