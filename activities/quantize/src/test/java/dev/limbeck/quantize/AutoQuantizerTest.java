package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AutoQuantizerTest {

    private static final Graph NETWORK = TestNetworks.residual("Relu", 1);
    private static final FloatTensor IMAGES = TestNetworks.images(32, 1);

    private static final QuantizeOptions QUICK = QuantizeOptions.builder()
            .rounding(RoundingOptions.builder().iterations(2).build())
            .build();

    private static AutoQuantizer.Outcome quantize(double goal, Double... accuracies) {
        Deque<Double> scores = new ArrayDeque<>(List.of(accuracies));
        return AutoQuantizer.quantize(NETWORK, IMAGES, QUICK, graph -> scores.pop(), goal, Progress.NONE);
    }

    @Test
    void theCheapestWayWinsWhenItIsGoodEnough() {
        AutoQuantizer.Outcome outcome = quantize(0.01, 0.90, 0.895);
        assertThat(outcome.attempts()).hasSize(1);
        assertThat(outcome.goalMet()).isTrue();
        assertThat(outcome.accuracy()).isEqualTo(0.895);
        assertThat(outcome.floatAccuracy()).isEqualTo(0.90);
    }

    @Test
    void laterWaysBuildOnTheBestSoFar() {
        AutoQuantizer.Outcome outcome = quantize(0.01, 0.90, 0.80, 0.85, 0.70, 0.891);
        assertThat(outcome.attempts()).hasSize(4);
        QuantizeOptions last = outcome.attempts().getLast().options();
        assertThat(last.calibration()).isEqualTo(Calibration.SQNR);
        assertThat(last.biasCorrection()).isTrue();
        assertThat(outcome.goalMet()).isTrue();
    }

    @Test
    void theBestIsKeptWhereNoneIsGoodEnough() {
        AutoQuantizer.Outcome outcome = quantize(0.01, 0.90, 0.80, 0.85, 0.70, 0.84, 0.5, 0.5, 0.5, 0.5);
        assertThat(outcome.attempts()).hasSize(8);
        assertThat(outcome.goalMet()).isFalse();
        assertThat(outcome.accuracy()).isEqualTo(0.85);
        assertThat(outcome.quantized().graph())
                .isEqualTo(Quantizer.quantize(
                                NETWORK,
                                IMAGES,
                                QUICK.toBuilder().calibration(Calibration.SQNR).build())
                        .graph());
    }

    @Test
    void learnedRoundingComesLast() {
        AutoQuantizer.Outcome outcome = quantize(0.01, 0.90, 0.5, 0.5, 0.5, 0.5, 0.5, 0.6, 0.7, 0.8);
        assertThat(outcome.attempts())
                .extracting(attempt -> attempt.options().rounding().method())
                .endsWith(
                        RoundingOptions.Method.NEAREST,
                        RoundingOptions.Method.ADAROUND,
                        RoundingOptions.Method.BLOCK_RECONSTRUCTION);
        assertThat(outcome.best().options().biasCorrection()).isFalse();
        assertThat(outcome.best().options().rounding().candidates()).isPositive();
    }

    @Test
    void accuraciesThatAreNoNumbersDoNotWin() {
        assertThatThrownBy(() -> quantize(0.01, Double.NaN))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("the accuracy of the network in floats is NaN");
        assertThatThrownBy(() -> quantize(0.01, 0.90, Double.NaN))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("the accuracy by")
                .hasMessageContaining("is NaN");
    }

    @Test
    void whatWasTriedIsNotTriedAgain() {
        Map<String, byte[]> known = new HashMap<>();
        LayerCheckpoints memory = new LayerCheckpoints() {
            @Override
            public Optional<byte[]> recall(String key) {
                return Optional.ofNullable(known.get(key));
            }

            @Override
            public void remember(String key, byte[] value) {
                known.put(key, value);
            }
        };
        Deque<Double> scores = new ArrayDeque<>(List.of(0.90, 0.80, 0.85));
        assertThatThrownBy(() -> AutoQuantizer.quantize(
                        NETWORK, IMAGES, QUICK, graph -> scores.pop(), 0.01, memory, Progress.NONE))
                .isInstanceOf(NoSuchElementException.class); // as if it were killed at the third way

        scores.addAll(List.of(0.70, 0.50, 0.892));
        AutoQuantizer.Outcome outcome =
                AutoQuantizer.quantize(NETWORK, IMAGES, QUICK, graph -> scores.pop(), 0.01, memory, Progress.NONE);
        assertThat(outcome.attempts())
                .extracting(AutoQuantizer.Attempt::remembered)
                .containsExactly(true, true, false, false, false);
        assertThat(outcome.floatAccuracy()).isEqualTo(0.90);

        AutoQuantizer.Outcome again =
                AutoQuantizer.quantize(NETWORK, IMAGES, QUICK, graph -> scores.pop(), 0.01, memory, Progress.NONE);
        assertThat(again.attempts()).allMatch(AutoQuantizer.Attempt::remembered);
        assertThat(again.quantized().graph()).isEqualTo(outcome.quantized().graph());
        assertThat(again.best().steps()).isEqualTo(outcome.quantized().steps());
    }
}
