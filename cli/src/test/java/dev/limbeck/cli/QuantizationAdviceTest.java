package dev.limbeck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.learn.Judge;
import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.RoundingOptions;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QuantizationAdviceTest {

    private static final QuantizationAdvice PLAIN = new QuantizationAdvice(QuantizeOptions.defaults(), false);

    @Test
    void labelsTellWhetherANetworkIsGoodEnough() {
        assertThat(PLAIN.on(Optional.of(0.92), score(0.912, 8))).isEmpty();
        assertThat(PLAIN.on(Optional.of(0.92), score(0.90, 30)).orElseThrow())
                .contains("lost 2.0 points", "--goal 1%", "--min-sqnr 20")
                .doesNotContain("--adaround");
    }

    @Test
    void withoutLabelsTheDistanceOfTheOutputDoes() {
        assertThat(PLAIN.on(Optional.empty(), score(null, 15))).isEmpty();
        assertThat(PLAIN.on(Optional.empty(), score(null, Double.POSITIVE_INFINITY)))
                .isEmpty();
        assertThat(PLAIN.on(Optional.empty(), score(null, 7.6)).orElseThrow())
                .contains("SQNR 7.6 dB", "--calibration percentile", "limbeck compare")
                .doesNotContain("--goal");
    }

    @Test
    void nothingIsAdvisedThatWasDone() {
        QuantizeOptions all = QuantizeOptions.builder()
                .weightBits(4)
                .calibration(Calibration.PERCENTILE)
                .equalize(true)
                .biasCorrection(true)
                .rounding(RoundingOptions.adaRound())
                .minimumSqnr(20)
                .build();
        assertThat(new QuantizationAdvice(all, false).on(Optional.empty(), score(null, 3)))
                .hasValueSatisfying(advice -> assertThat(advice).doesNotContain("--"));
        assertThat(new QuantizationAdvice(
                                QuantizeOptions.builder().weightBits(4).build(), true)
                        .on(Optional.empty(), score(null, 3)))
                .hasValueSatisfying(
                        advice -> assertThat(advice).contains("--adaround").doesNotContain("--reduce-range"));
    }

    @Test
    void saturationIsNamedWhereItHappens() {
        assertThat(new QuantizationAdvice(QuantizeOptions.defaults(), true).on(Optional.empty(), score(null, 7)))
                .hasValueSatisfying(advice -> assertThat(advice).contains("--reduce-range", "VNNI"));
        QuantizeOptions reduced = QuantizeOptions.builder().reduceRange(true).build();
        assertThat(new QuantizationAdvice(reduced, true).on(Optional.empty(), score(null, 7)))
                .hasValueSatisfying(advice -> assertThat(advice).doesNotContain("--reduce-range"));
    }

    private static Judge.Score score(Double accuracy, double sqnr) {
        return new Judge.Score(Optional.ofNullable(accuracy), sqnr);
    }
}
