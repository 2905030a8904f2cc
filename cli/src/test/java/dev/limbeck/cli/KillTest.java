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

    private static final List<String> COMMAND = List.of("run", TinyRun.SPEC);

    @TempDir
    private Path folder;

    @Test
    void endsAsIfNobodyHadKilledIt() throws Exception {
        Path undisturbed = TinyRun.folder(folder.resolve("undisturbed"));
        Results expected;
        try (LimbeckProcess run = LimbeckProcess.start(undisturbed, COMMAND)) {
            expected = TinyRun.results(run, undisturbed);
            assertThat(run.said()).doesNotContain("goes on where it was");
        }

        Path disturbed = TinyRun.folder(folder.resolve("disturbed"));
        for (String moment :
                List.of("B  distil block variants", "D  finetune and quantize networks", "measure latency")) {
            try (LimbeckProcess run = LimbeckProcess.start(disturbed, COMMAND)) {
                run.await(moment);
                run.kill();
            }
            assertThat(disturbed.resolve("runs")).doesNotExist();
        }
        Results results;
        try (LimbeckProcess run = LimbeckProcess.start(disturbed, COMMAND)) {
            results = TinyRun.results(run, disturbed);
            assertThat(run.said()).contains("goes on where it was");
        }

        TinyRun.assertSame(results, expected);
        // three processes and more have left their names: what one has done, the next has not done again
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
