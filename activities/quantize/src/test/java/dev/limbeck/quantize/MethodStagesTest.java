package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

class MethodStagesTest {

    @Test
    void eachStageAddsOneMethodAndTheLastHasAll() {
        QuantizeOptions options = QuantizeOptions.builder()
                .weightBits(4)
                .calibration(Calibration.MSE)
                .equalize(true)
                .smoothQuant(0.5)
                .minimumSqnr(20)
                .rounding(RoundingOptions.builder()
                        .method(RoundingOptions.Method.ADAROUND)
                        .candidates(7)
                        .iterations(9)
                        .build())
                .biasCorrection(true)
                .build();
        SequencedMap<String, QuantizeOptions> stages = MethodStages.of(options);
        assertThat(stages.keySet())
                .containsExactly(
                        "calibration",
                        "equalization",
                        "SmoothQuant",
                        "float islands",
                        "SeqMSE",
                        "AdaRound",
                        "bias correction");
        assertThat(stages.lastEntry().getValue()).isEqualTo(options);
        assertThat(stages.get("calibration"))
                .isEqualTo(QuantizeOptions.builder()
                        .weightBits(4)
                        .calibration(Calibration.MSE)
                        .rounding(RoundingOptions.builder().iterations(9).build())
                        .build());
        assertThat(stages.get("SeqMSE").rounding().method()).isEqualTo(RoundingOptions.Method.NEAREST);
        assertThat(MethodStages.of(QuantizeOptions.defaults()))
                .containsOnlyKeys("calibration")
                .containsValue(QuantizeOptions.defaults());
    }
}
