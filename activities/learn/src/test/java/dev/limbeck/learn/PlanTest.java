package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PlanTest {

    private final TrainOptions options = TrainOptions.defaults()
            .withEpochs(3)
            .withBatchSize(10)
            .withLearningRate(1)
            .withWarmupEpochs(1);

    @Test
    void everyItemIsSeenOnceAnEpochInAnotherOrderEachTime() {
        Plan plan = new Plan(options, 50);
        int[] first = epoch(plan, 0);
        int[] second = epoch(plan, 1);
        assertThat(plan.steps()).isEqualTo(15);
        assertThat(first).containsExactlyInAnyOrder(IntStream.range(0, 50).toArray());
        assertThat(second).containsExactlyInAnyOrder(first).isNotEqualTo(first);
    }

    @Test
    void aStepDoesNotDependOnTheStepsBeforeIt() {
        Plan plan = new Plan(options, 50);
        epoch(plan, 0);
        assertThat(new Plan(options, 50).items(7)).isEqualTo(plan.items(7));
        assertThat(new Plan(options, 50).random(7).nextLong())
                .isEqualTo(plan.random(7).nextLong())
                .isNotEqualTo(plan.random(8).nextLong());
    }

    @Test
    void theLearningRateRisesToItsPeakAndFallsToZero() {
        Plan plan = new Plan(options, 50);
        double[] rates = LongStream.range(0, 15).mapToDouble(plan::learningRate).toArray();
        assertThat(IntStream.range(1, 5)).allMatch(i -> rates[i] > rates[i - 1]);
        assertThat(rates[5]).isEqualTo(1);
        assertThat(rates[10]).isCloseTo(0.5, within(1e-9));
        assertThat(IntStream.range(6, 15)).allMatch(i -> rates[i] < rates[i - 1]);
        assertThat(rates[14]).isBetween(0.0, 0.05);
    }

    @Test
    void anEpochMayBeMadeOfAPartOfTheImages() {
        Plan plan = new Plan(options.withImagesPerEpoch(20), 50);
        assertThat(plan.steps()).isEqualTo(6);
        assertThat(plan.endsEpoch(1)).isTrue();
        assertThat(plan.items(2)).isNotEqualTo(plan.items(0));
    }

    @Test
    void fewerItemsThanABatchMakeOneStepAnEpoch() {
        Plan plan = new Plan(options, 4);
        assertThat(plan.steps()).isEqualTo(3);
        assertThat(plan.items(0)).hasSize(4);
    }

    private static int[] epoch(Plan plan, int epoch) {
        return LongStream.range(epoch * 5L, epoch * 5L + 5)
                .mapToObj(plan::items)
                .flatMapToInt(IntStream::of)
                .toArray();
    }
}
