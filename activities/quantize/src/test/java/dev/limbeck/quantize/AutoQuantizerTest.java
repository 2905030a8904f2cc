package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.Progress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class AutoQuantizerTest {

    private static final Graph NETWORK = TestNetworks.residual("Relu", 1);
    private static final FloatTensor IMAGES = TestNetworks.images(32, 1);

    private static AutoQuantizer.Outcome quantize(double goal, Double... accuracies) {
        Deque<Double> scores = new ArrayDeque<>(List.of(accuracies));
        return AutoQuantizer.quantize(
                NETWORK, IMAGES, QuantizeOptions.defaults(), graph -> scores.pop(), goal, Progress.NONE);
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
        AutoQuantizer.Outcome outcome = quantize(0.01, 0.90, 0.80, 0.85, 0.70, 0.84, 0.5);
        assertThat(outcome.attempts()).hasSize(5);
        assertThat(outcome.goalMet()).isFalse();
        assertThat(outcome.accuracy()).isEqualTo(0.85);
        assertThat(outcome.quantized().graph())
                .isEqualTo(Quantizer.quantize(
                                NETWORK,
                                IMAGES,
                                QuantizeOptions.builder()
                                        .calibration(Calibration.SQNR)
                                        .build())
                        .graph());
    }
}
