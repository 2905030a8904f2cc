package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.search.Ledger.Entry;
import dev.limbeck.search.Ledger.Range;
import dev.limbeck.search.Ledger.Unit;
import java.util.List;
import org.junit.jupiter.api.Test;

class LedgerTest {

    /** DONNA on ImageNet: 5 blocks of 384 variants, 30 networks of 50 epochs, 10 networks a scenario. */
    private static final Ledger DONNA = new Ledger(
            List.of(
                    new Entry("reference", 1, 450, 1),
                    new Entry("blocks", 1920, 1, 0.1),
                    new Entry("predictor networks", 30, 50, 1)),
            List.of(new Entry("finetuning", 10, 50, 1)),
            450);

    @Test
    void countsThePapersEpochsAndRealCompute() {
        assertThat(DONNA.libraryEpochs(Unit.PAPER)).isEqualTo(3870);
        assertThat(DONNA.libraryEpochs(Unit.REAL)).isEqualTo(450 + 192 + 1500);
        assertThat(DONNA.perScenarioEpochs(Unit.PAPER, 1)).isEqualTo(4370);
        assertThat(DONNA.perScenarioEpochs(Unit.PAPER, 4)).isEqualTo(967.5 + 500);
        assertThat(DONNA.scratch()).isEqualTo(4500);
    }

    @Test
    void publishedRowsAreThoseOfTheTable() {
        List<Ledger.Row> rows = Ledger.published();

        assertThat(rows.get(0))
                .isEqualTo(new Ledger.Row("OFA", new Range(1450, 1950), new Range(550, 1050), new Range(250, 750)));
        assertThat(rows.get(1).oneScenario().low()).isEqualTo(5270);
        assertThat(rows.get(1).fourScenarios().low()).isCloseTo(4692.5, within(1e-9));
        assertThat(rows.get(2).manyScenarios().low()).isEqualTo(44_500);
        assertThat(rows.get(3))
                .isEqualTo(new Ledger.Row("DONNA", new Range(4500, 4500), new Range(1500, 1500), new Range(500, 500)));
    }

    @Test
    void comparisonBeginsWithThisRunInBothUnits() {
        List<Ledger.Row> rows = DONNA.comparison();

        assertThat(rows).hasSize(6);
        assertThat(rows.get(0).oneScenario().high()).isEqualTo(4370);
        assertThat(rows.get(1).oneScenario().high()).isEqualTo(450 + 192 + 1500 + 500);
        assertThat(rows.get(1).manyScenarios().high()).isEqualTo(500);
    }

    @Test
    void keptTeacherActivationsMakeABlockEpochCheaper() {
        assertThat(Ledger.relativeCost(20, 0, 100, 1)).isCloseTo(0.2, within(1e-12));
        assertThat(Ledger.relativeCost(20, 50, 100, 1)).isCloseTo(0.2 + 50 / 300.0, within(1e-12));
        assertThat(Ledger.relativeCost(20, 0, 100, 0.25)).isCloseTo(0.05, within(1e-12));
    }
}
