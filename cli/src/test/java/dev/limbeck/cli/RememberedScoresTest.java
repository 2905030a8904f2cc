package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RememberedScoresTest {

    @TempDir
    private Path folder;

    @Test
    void whatWasEvaluatedBeforeAFailureIsNotEvaluatedAgain() {
        Path file = folder.resolve("scores");
        RememberedScores first = new RememberedScores(file);
        assertThat(first.of("a", () -> 0.25)).isEqualTo(0.25);
        assertThatThrownBy(() -> first.of("b", () -> {
                    throw new IllegalStateException("no images today");
                }))
                .hasMessage("no images today");
        RememberedScores second = new RememberedScores(file);
        assertThat(second.of("a", () -> 1)).isEqualTo(0.25);
        assertThat(second.of("b", () -> 0.5)).isEqualTo(0.5);
        second.forget();
        assertThat(file).doesNotExist();
    }

    @Test
    void aLineThatWasCutOffIsLeftOut() throws IOException {
        Path file = folder.resolve("scores");
        Files.writeString(file, "\na 0.25 .\nb 0.12");
        RememberedScores scores = new RememberedScores(file);
        assertThat(scores.of("b", () -> 0.125)).isEqualTo(0.125);
        RememberedScores after = new RememberedScores(file);
        assertThat(after.of("a", () -> 1)).isEqualTo(0.25);
        assertThat(after.of("b", () -> 1)).isEqualTo(0.125);
    }

    @Test
    void whatIsMeasuredTogetherIsKeptTogether() throws IOException {
        Path file = folder.resolve("scores");
        RememberedScores first = new RememberedScores(file);
        assertThat(first.any()).isFalse();
        first.ofAll("a", () -> List.of(0.25, 0.5));
        Files.writeString(file, "\nb 1.0 2.0", StandardOpenOption.APPEND);
        RememberedScores second = new RememberedScores(file);
        assertThat(second.any()).isTrue();
        assertThat(second.ofAll("a", List::of)).containsExactly(0.25, 0.5);
        assertThat(second.ofAll("b", () -> List.of(1.0, 2.0, 3.0))).containsExactly(1.0, 2.0, 3.0);
        assertThat(new RememberedScores(file).ofAll("b", List::of)).containsExactly(1.0, 2.0, 3.0);
    }
}
