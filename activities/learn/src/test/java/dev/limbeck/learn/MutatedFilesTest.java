package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.Graph;
import dev.limbeck.testing.OnnxMutations;
import dev.limbeck.testing.ReadingTrial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged and hostile files are read or refused with a message: no crash, no hang, no memory for what a file only claims. */
class MutatedFilesTest {

    private static final int FILES = 4000;

    @TempDir
    private Path folder;

    @Test
    @Timeout(120)
    void mutatedNetworksAreReadOrRefused() throws IOException {
        ImageInput image = new ImageInput(1, 16, 0.5f, 0.5f);
        List<Graph> networks = List.of(
                Networks.viT(image, 3, 4, 8, 1, 2, 1),
                Networks.resNet(image, 3, new int[] {4, 8}, new int[] {1, 1}, 1),
                Networks.mobileNetV3Like(
                        image, 3, 4, new int[] {8, 8}, new int[] {1, 2}, 1, 3, 2, Activation.HARDSWISH, true, 16, 1));
        OnnxMutations mutations = new OnnxMutations(networks, 1);
        ReadingTrial trial = new ReadingTrial(Files.createDirectory(folder.resolve("model")));
        for (int i = 0; i < FILES; i++) {
            trial.read(mutations.next());
        }

        assertThat(trial.failures()).isEmpty();
        assertThat(trial.slowestSeconds()).isLessThan(1);
        assertThat(trial.largestBytes()).isLessThan(200_000_000);
        assertThat(trial.refused()).isGreaterThan(FILES / 4);
        assertThat(trial.inferred()).isGreaterThan(FILES / 20);
    }
}
