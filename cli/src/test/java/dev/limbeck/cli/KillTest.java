package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.schemas.Results;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run that is killed again and again goes on where it was, and ends as one that nobody disturbed. */
@Timeout(600)
class KillTest {

    private static final List<String> COMMAND = List.of("run", TinyRun.SPEC, "--allow", "..");

    private static final int IMAGES = 600;

    private static final int FINETUNE_EPOCHS = 200;

    @TempDir
    private Path folder;

    @Test
    void endsAsIfNobodyHadKilledIt() throws Exception {
        Path images = ClassFolders.write(folder.resolve("images"), IMAGES);
        Path undisturbed = TinyRun.folder(folder.resolve("undisturbed"), images, FINETUNE_EPOCHS);
        Path disturbed = TinyRun.folder(folder.resolve("disturbed"), images, FINETUNE_EPOCHS);
        Results expected;
        Results results;
        try (LimbeckProcess beside = LimbeckProcess.start(undisturbed, COMMAND)) {
            for (String moment :
                    List.of("B  finetune networks for the predictor", "D  finetune and quantize networks")) {
                try (LimbeckProcess run = LimbeckProcess.start(disturbed, COMMAND)) {
                    run.await(moment);
                    run.kill();
                }
                assertThat(disturbed.resolve("runs")).doesNotExist();
            }
            try (LimbeckProcess run = LimbeckProcess.start(disturbed, COMMAND)) {
                results = TinyRun.results(run, disturbed);
                assertThat(run.said()).contains("goes on where it was");
            }
            expected = TinyRun.results(beside, undisturbed);
            assertThat(beside.said()).doesNotContain("goes on where it was");
        }

        TinyRun.assertSame(results, expected);
        // three processes have left their names: what one has done, the next has not done again
        assertThat(workers(results)).hasSizeGreaterThanOrEqualTo(3);
        assertThat(leftAside(disturbed)).isEmpty();
    }

    private static Set<String> workers(Results results) {
        return results.timeline().stream().map(Results.Stage::worker).collect(Collectors.toSet());
    }

    private static List<Path> leftAside(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".part")).toList();
        }
    }
}
