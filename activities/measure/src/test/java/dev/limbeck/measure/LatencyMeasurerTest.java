package dev.limbeck.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.RuntimeVersion;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

class LatencyMeasurerTest {

    private static final MachineState MACHINE = new MachineState(
            "cpu",
            List.of(),
            2,
            0,
            "os",
            "jvm",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    private static final LatencyProtocol PROTOCOL =
            new LatencyProtocol(Duration.ofMillis(3), 2, Duration.ofMillis(10), 5, Duration.ofMillis(100), 2, 4, 0.05);

    /** Time that only queries move. */
    private static final class FakeTime {
        private long now;
        private final List<String> order = new ArrayList<>();

        LatencyMeasurer measurer() {
            return new LatencyMeasurer(() -> now, () -> MACHINE);
        }

        /** @param micros duration of the n-th query, counted from 0 */
        Runnable query(String name, IntToLongFunction micros) {
            int[] count = {0};
            return () -> {
                order.add(name);
                now += 1000 * micros.applyAsLong(count[0]++);
            };
        }
    }

    private static LatencyMeasurement summary(RunSeries series) {
        return LatencyMeasurer.summary(
                "digest",
                1,
                PROTOCOL,
                SessionOptions.defaults(),
                new RuntimeVersion("fake", "1"),
                series.runs(),
                series.agree(),
                MACHINE,
                MACHINE);
    }

    @Test
    void aRunEndsWhenBothItsMinimaAreMet() {
        FakeTime time = new FakeTime();
        RunSeries fast = time.measurer()
                .series(List.of(time.query("fast", n -> 1000)), PROTOCOL, Progress.NONE)
                .getFirst();
        assertThat(fast.runs()).extracting(LatencyRun::count).containsExactly(10, 10); // 10 ms decide
        RunSeries slow = time.measurer()
                .series(List.of(time.query("slow", n -> 4000)), PROTOCOL, Progress.NONE)
                .getFirst();
        assertThat(slow.runs()).extracting(LatencyRun::count).containsExactly(5, 5); // 5 queries decide
        assertThat(summary(slow).valid()).isTrue();
    }

    @Test
    void aRunThatIsCutOffIsNotValid() {
        FakeTime time = new FakeTime();
        LatencyMeasurement measured = summary(time.measurer()
                .series(List.of(time.query("very slow", n -> 60_000)), PROTOCOL, Progress.NONE)
                .getFirst());
        assertThat(measured.runs()).extracting(LatencyRun::count).containsOnly(2); // 100 ms are over
        assertThat(measured.minCountMet()).isFalse();
        assertThat(measured.minDurationMet()).isTrue();
        assertThat(measured.valid()).isFalse();
    }

    @Test
    void percentilesAreThoseOfLoadGen() {
        FakeTime time = new FakeTime();
        // warm-up: 3 queries of 1 ms; then each run is 1, 2, 3, 4, 5 ms
        LatencyMeasurement measured = summary(time.measurer()
                .series(
                        List.of(time.query("ramp", n -> n < 3 ? 1000 : 1000 * ((n - 3) % 5 + 1))),
                        PROTOCOL,
                        Progress.NONE)
                .getFirst());
        // sorted: 1 1 2 2 3 3 4 4 5 5; positions (int) (10 * p)
        assertThat(measured.count()).isEqualTo(10);
        assertThat(measured.p50Millis()).isEqualTo(3);
        assertThat(measured.p90Millis()).isEqualTo(5);
        assertThat(measured.meanMillis()).isCloseTo(3, within(1e-6));
        assertThat(measured.samplesMillis()).containsExactly(1, 2, 3, 4, 5, 1, 2, 3, 4, 5);
    }

    @Test
    void runsThatDisagreeAreDoneAgainUntilTheLastOnesAgree() {
        FakeTime time = new FakeTime();
        // 3 warm-up queries, then 10 a run: a slow first run
        LatencyMeasurement measured = summary(time.measurer()
                .series(List.of(time.query("settling", n -> n < 8 ? 2000 : 1000)), PROTOCOL, Progress.NONE)
                .getFirst());
        assertThat(measured.runs()).hasSize(3);
        assertThat(measured.countedRuns()).isEqualTo(2);
        assertThat(measured.runsAgree()).isTrue();
        assertThat(measured.p90Millis()).isEqualTo(1); // the slow run does not count, but its samples are kept
        assertThat(measured.runMediansMillis()).containsExactly(2.0, 1.0, 1.0);
    }

    @Test
    void runsThatNeverAgreeAreAllCountedAndFlagged() {
        FakeTime time = new FakeTime();
        LatencyMeasurement measured = summary(time.measurer()
                .series(List.of(time.query("worse and worse", n -> 1000 + 100 * n)), PROTOCOL, Progress.NONE)
                .getFirst());
        assertThat(measured.runs()).hasSize(4);
        assertThat(measured.countedRuns()).isEqualTo(4);
        assertThat(measured.runsAgree()).isFalse();
        assertThat(measured.valid()).isFalse();
    }

    @Test
    void interleavedNetworksTakeTurns() {
        FakeTime time = new FakeTime();
        time.measurer()
                .series(List.of(time.query("a", n -> 5000), time.query("b", n -> 5000)), PROTOCOL, Progress.NONE);
        List<String> turns = new ArrayList<>();
        time.order.forEach(name -> {
            if (turns.isEmpty() || !turns.getLast().equals(name)) {
                turns.add(name);
            }
        });
        assertThat(turns).containsExactly("a", "b", "a", "b", "a", "b"); // warm-up and two runs each
    }

    @Test
    void networksThatAreMeasuredTogetherMeetTheSameConditions() {
        FakeTime time = new FakeTime();
        List<RunSeries> series = time.measurer()
                .series(
                        List.of(time.query("steady", n -> 1000), time.query("settling", n -> n < 8 ? 2000 : 1000)),
                        PROTOCOL,
                        Progress.NONE);
        assertThat(series).allSatisfy(each -> {
            assertThat(each.agree()).isTrue();
            assertThat(each.runs()).hasSize(3); // the steady one does not stop after two
        });
    }

    @Test
    void stopsWhereProgressThrows() {
        FakeTime time = new FakeTime();
        assertThatThrownBy(() -> time.measurer()
                        .series(List.of(time.query("a", n -> 1000)), PROTOCOL, (step, done, total, detail) -> {
                            throw new IllegalStateException("cancelled");
                        }))
                .hasMessage("cancelled");
    }

    private static Graph relu(long... shape) {
        GraphEditor editor = GraphEditor.create("relu")
                .input(new ValueInfo("x", ElementType.FLOAT, shape))
                .output(new ValueInfo("y", ElementType.FLOAT, shape));
        editor.add(Node.of("Relu", "relu", List.of("x"), List.of("y")));
        return editor.build();
    }

    @Test
    void measuresInOnnxRuntime() {
        LatencyProtocol brief =
                LatencyProtocol.quick().withMinimum(Duration.ofMillis(2), 5).withRuns(2, 2);
        List<LatencyMeasurement> measured = LatencyMeasurer.ofThisMachine()
                .measureInterleaved(
                        List.of(relu(ValueInfo.DYNAMIC, 16), relu(ValueInfo.DYNAMIC, 200_000)),
                        2,
                        1,
                        brief,
                        Progress.NONE);
        assertThat(measured).hasSize(2);
        assertThat(measured.get(0).p50Millis())
                .isPositive()
                .isLessThan(measured.get(1).p50Millis());
        assertThat(measured.get(0).batch()).isEqualTo(2);
        assertThat(measured.get(0).runtime().version()).startsWith("1.");
        assertThat(measured.get(0).count()).isEqualTo(measured.get(0).samplesMillis().length);
    }

    @Test
    void saysWhichInputIsOpen() {
        assertThatThrownBy(() -> LatencyMeasurer.ofThisMachine()
                        .measure(relu(ValueInfo.DYNAMIC, 3, ValueInfo.DYNAMIC), 1, 1, PROTOCOL, Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'x'")
                .hasMessageContaining("image size");
        assertThatThrownBy(() -> LatencyMeasurer.ofThisMachine().measure(relu(4, 3), 1, 1, PROTOCOL, Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("batch of 4");
    }
}
