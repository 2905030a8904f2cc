package dev.limbeck.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Optimization;
import dev.limbeck.runtime.Provider;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class TunerTest {

    private static final SessionOptions DEFAULTS = SessionOptions.defaults().withThreads(4);
    private static final LatencyProtocol QUICK = LatencyProtocol.quick();
    private static final LatencyProtocol STANDARD = LatencyProtocol.standard();

    /** A runtime whose latencies are a function of the settings, and of a noise that is the same every time. */
    private static final class FakeRuntime implements Tuner.Trials {

        private final ToDoubleFunction<SessionOptions> millis;
        private final double noise;
        private final Random random = new Random(3);
        private final List<LatencyProtocol> asked = new ArrayList<>();
        private boolean refusesOneThread;
        private boolean deceives;

        FakeRuntime(double noise, ToDoubleFunction<SessionOptions> millis) {
            this.noise = noise;
            this.millis = millis;
        }

        @Override
        public boolean acceptable(SessionOptions settings) {
            return !refusesOneThread || settings.threads() > 1;
        }

        @Override
        public List<List<Double>> medians(List<SessionOptions> settings, LatencyProtocol protocol) {
            asked.add(protocol);
            return settings.stream()
                    .map(s -> deceives && protocol == STANDARD ? 1 : millis.applyAsDouble(s))
                    .map(time -> DoubleStream.generate(() -> time * (1 + noise * random.nextGaussian()))
                            .limit(5)
                            .boxed()
                            .toList())
                    .toList();
        }

        Tuning tune() {
            return new Tuner(this, QUICK, STANDARD)
                    .tune(DEFAULTS, TuningFactor.all(4, List.of(Provider.CPU, Provider.XNNPACK)), Progress.NONE);
        }
    }

    private static double millis(SessionOptions settings) {
        double time = settings.threads() == 2 ? 1.0 : 1.2;
        time *= settings.optimization() == Optimization.EXTENDED ? 0.9 : 1;
        time *= settings.provider() == Provider.XNNPACK ? 1.5 : 1;
        // only worth it once there are two threads, which a second pass would find too
        time *= "0".equals(settings.config().get("session.intra_op.allow_spinning")) && settings.threads() == 2
                ? 0.8
                : 1;
        return time;
    }

    @Test
    void findsTheBestOfEveryFactorAndConfirmsIt() {
        Tuning tuning = new FakeRuntime(0.002, TunerTest::millis).tune();
        assertThat(tuning.isFaster()).isTrue();
        assertThat(tuning.settings())
                .isEqualTo(DEFAULTS.withThreads(2)
                        .withOptimization(Optimization.EXTENDED)
                        .withConfig("session.intra_op.allow_spinning", "0"));
        assertThat(tuning.confirmation().speedup()).isCloseTo(1.2 / 0.72, within(0.02));
        assertThat(tuning.confirmation().fasterRounds()).isEqualTo(5);
        assertThat(tuning.confirmation().significance()).isEqualTo(1.0 / 32);
        assertThat(tuning.tried()).filteredOn(Tuning.Trial::taken).hasSize(3);
        assertThat(tuning.tried())
                .allSatisfy(trial -> assertThat(
                                trial.settings().threads() * trial.settings().branches())
                        .isLessThanOrEqualTo(4))
                .doesNotHaveDuplicates();
    }

    @Test
    void keepsTheDefaultsWhereNothingIsFaster() {
        FakeRuntime runtime = new FakeRuntime(0, settings -> settings.equals(DEFAULTS) ? 1 : 1.1);
        Tuning tuning = runtime.tune();
        assertThat(tuning.settings()).isEqualTo(DEFAULTS);
        assertThat(tuning.confirmation()).isNull();
        assertThat(runtime.asked).containsOnly(QUICK);
    }

    @Test
    void keepsTheDefaultsWhereTheSecondMeasurementDoesNotAgree() {
        FakeRuntime runtime = new FakeRuntime(0.001, TunerTest::millis);
        runtime.deceives = true;
        Tuning tuning = runtime.tune();
        assertThat(tuning.settings()).isEqualTo(DEFAULTS);
        assertThat(tuning.isFaster()).isFalse();
        assertThat(tuning.confirmation().settings().threads()).isEqualTo(2);
    }

    @Test
    void noiseAloneIsNoGain() {
        int wrong = 0;
        for (int seed = 0; seed < 200; seed++) {
            FakeRuntime runtime = new FakeRuntime(0.03, settings -> 1);
            runtime.random.setSeed(seed);
            wrong += runtime.tune().isFaster() ? 1 : 0;
        }
        assertThat(wrong).isLessThan(200 * 5 / 100);
    }

    @Test
    void whatTheRuntimeRefusesIsPassedOver() {
        FakeRuntime runtime = new FakeRuntime(0, settings -> settings.threads());
        runtime.refusesOneThread = true;
        Tuning tuning = runtime.tune();
        assertThat(tuning.settings().threads()).isEqualTo(2);
        assertThat(tuning.tried())
                .filteredOn(trial -> trial.settings().threads() == 1)
                .isNotEmpty()
                .allSatisfy(trial -> assertThat(trial.speedup()).isNull());
    }

    /** Sleeping pays only while there are four threads. */
    @Test
    void whatGainsNothingAnyMoreGivesWayToTheDefault() {
        TuningFactor threads = TuningFactor.all(4, List.of(Provider.CPU)).getFirst();
        TuningFactor waiting = TuningFactor.all(4, List.of(Provider.CPU)).stream()
                .filter(factor -> factor.name().equals("waiting"))
                .findFirst()
                .orElseThrow();
        FakeRuntime runtime = new FakeRuntime(
                0, settings -> settings.threads() == 1 ? 0.5 : settings.config().isEmpty() ? 1 : 0.8);
        Tuning tuning = new Tuner(runtime, QUICK, STANDARD).tune(DEFAULTS, List.of(waiting, threads), Progress.NONE);
        assertThat(tuning.tried().getFirst().taken()).isTrue();
        assertThat(tuning.settings()).isEqualTo(DEFAULTS.withThreads(1));
    }

    @Test
    void outputsAreTheSameButForRounding() {
        float nan = Float.NaN;
        float most = Float.POSITIVE_INFINITY;
        assertThat(Tuner.same(new float[] {1, 2}, new float[] {1.01f, 2})).isTrue();
        assertThat(Tuner.same(new float[] {1, 2}, new float[] {1.5f, 2})).isFalse();
        assertThat(Tuner.same(new float[] {nan, 2, most}, new float[] {nan, 2, most}))
                .isTrue();
        assertThat(Tuner.same(new float[] {nan, 2}, new float[] {nan, 3})).isFalse();
        assertThat(Tuner.same(new float[] {nan, 2}, new float[] {0, 2})).isFalse();
        assertThat(Tuner.same(new float[] {1, 2}, new float[] {nan, 2})).isFalse();
        assertThat(Tuner.same(new float[] {most}, new float[] {-most})).isFalse();
    }

    @Test
    void significanceIsThatOfFairCoins() {
        assertThat(Tuner.signTest(5, 5)).isEqualTo(1 / 32.0);
        assertThat(Tuner.signTest(8, 9)).isEqualTo(10 / 512.0);
        assertThat(Tuner.signTest(0, 7)).isEqualTo(1);
    }

    /** Every setting is one that ONNX Runtime takes and that leaves the result as it is. */
    @Test
    void onnxRuntimeTakesAllSettings() {
        GraphEditor editor = GraphEditor.create("sigmoids")
                .input(new ValueInfo("x", ElementType.FLOAT, new long[] {1, 4, 8, 8}))
                .output(new ValueInfo("y", ElementType.FLOAT, new long[] {1, 4, 8, 8}));
        editor.add(Node.of("Sigmoid", "a", List.of("x"), List.of("s")));
        editor.add(Node.of("Mul", "b", List.of("s", "x"), List.of("y")));
        Graph graph = editor.build();
        LatencyProtocol brief =
                new LatencyProtocol(Duration.ZERO, 1, Duration.ofNanos(1), 3, Duration.ofMillis(10), 1, 1, 0.05);
        Tuning tuning = Tuner.tune(graph, 1, 2, brief, brief, Progress.NONE);
        assertThat(tuning.tried()).hasSizeGreaterThanOrEqualTo(11).allSatisfy(trial -> assertThat(trial.speedup())
                .isPositive());
        assertThat(tuning.tried().stream().map(Tuning.Trial::settings).map(SessionOptions::config))
                .contains(Map.of("optimization.disable_specified_optimizers", "NchwcTransformer"));
    }
}
