package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.schemas.ProgressEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainedAgainTest {

    private static TrainedAgain.Report report(double second, String worker, String task, long done) {
        return new TrainedAgain.Report(
                Instant.EPOCH.plusMillis(Math.round(1000 * second)),
                new ProgressEvent("run", "finetune", "distil net", done, 1000, "", worker, task));
    }

    @Test
    void twoTrainingsOfTheSameNameAreNoRepetition() {
        TrainedAgain again = TrainedAgain.of(List.of(
                report(0, "first", "run/1", 0),
                report(0, "second", "run/2", 0),
                report(1, "first", "run/1", 500),
                report(1, "second", "run/2", 400)));
        assertThat(again).isEqualTo(new TrainedAgain(0, Duration.ZERO));
    }

    @Test
    void whatCameAfterTheCheckpointIsTrainedAgain() {
        TrainedAgain again = TrainedAgain.of(List.of(
                report(0, "first", "run/1", 0),
                report(1, "first", "run/1", 200),
                report(2, "first", "run/1", 400),
                report(3, "first", "run/1", 600),
                report(60, "second", "run/1", 300),
                report(62, "second", "run/1", 1000)));
        assertThat(again).isEqualTo(new TrainedAgain(300, Duration.ofSeconds(2)));
        assertThat(again.holds()).isTrue();
    }

    @Test
    void aFrozenWorkersPauseIsNoTraining() {
        TrainedAgain again = TrainedAgain.of(List.of(
                report(0, "first", "run/1", 0),
                report(1, "first", "run/1", 200),
                report(2, "second", "run/1", 0),
                report(3, "second", "run/1", 200),
                report(75, "first", "run/1", 264)));
        assertThat(again).isEqualTo(new TrainedAgain(264, Duration.ofSeconds(1)));
    }
}
