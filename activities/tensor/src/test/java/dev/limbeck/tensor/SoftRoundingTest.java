package dev.limbeck.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.FloatTensor;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SoftRoundingTest {

    private static FloatTensor filled(float value, int count) {
        float[] data = new float[count];
        Arrays.fill(data, value);
        return new FloatTensor(data, count);
    }

    @Test
    void beginsAtTheWeight() {
        Random random = new Random(1);
        float[] fraction = new float[50];
        for (int i = 0; i < fraction.length; i++) {
            fraction[i] = random.nextFloat();
        }
        fraction[0] = 0;
        fraction[1] = 1;
        try (SoftRounding rounding =
                new SoftRounding(filled(-3, 50), filled(0.5f, 50), new FloatTensor(fraction, 50), 1)) {
            float[] weight = rounding.weight().toFloatTensor().data();
            for (int i = 0; i < fraction.length; i++) {
                assertThat(weight[i]).isCloseTo(-3 + 0.5f * fraction[i], within(1e-5f));
            }
        }
    }

    /** The gradient of the loss and that of the regularizer, by the sign and ratio of Adam's first steps. */
    @Test
    void aStepDescendsTheLossAndTheRegularizer() {
        float[] fractions = {0.2f, 0.4f, 0.6f, 0.8f};
        try (SoftRounding towardsAbove =
                        new SoftRounding(filled(0, 4), filled(1, 4), new FloatTensor(fractions, 4), 1);
                SoftRounding towardsEnds =
                        new SoftRounding(filled(0, 4), filled(1, 4), new FloatTensor(fractions, 4), 1);
                TensorScope scope = TensorScope.open()) {
            for (int i = 0; i < 20; i++) {
                towardsAbove.weight().sum().times(-1).backward();
                towardsAbove.descend(0.05, 2, 0);
                towardsEnds.weight().sum().times(0).backward();
                towardsEnds.descend(0.05, 2, 1);
            }
            assertThat(towardsAbove.fraction().data()[0]).isGreaterThan(0.3f);
            assertThat(towardsAbove.fraction().data()[3]).isGreaterThan(0.9f);
            float[] ends = towardsEnds.fraction().data();
            assertThat(ends[0]).isLessThan(0.1f);
            assertThat(ends[1]).isLessThan(0.3f);
            assertThat(ends[2]).isGreaterThan(0.7f);
            assertThat(ends[3]).isGreaterThan(0.9f);
        }
    }

    /** Adam's first step is the learning rate times the sign of the gradient: V moves by as much wherever it is not clipped. */
    @Test
    void theGradientGivenIsUsedAsTheOneThatAutogradFinds() {
        FloatTensor fraction = new FloatTensor(new float[] {0.3f, 0.5f, 0.9f}, 3);
        try (SoftRounding automatic = new SoftRounding(filled(1, 3), filled(2, 3), fraction, 10);
                SoftRounding given = new SoftRounding(filled(1, 3), filled(2, 3), fraction, 10);
                TensorScope scope = TensorScope.open()) {
            for (int i = 0; i < 5; i++) {
                automatic.weight().square().sum().backward();
                automatic.descend(0.01, 20, 0.5);
                given.descend(given.weight().detach().times(2), 0.01, 20, 0.5);
            }
            assertThat(given.fraction().data())
                    .containsExactly(automatic.fraction().data());
        }
    }

    @Test
    void elementsWithoutGradientStay() {
        FloatTensor zeros = filled(0, 10);
        try (SoftRounding rounding = new SoftRounding(zeros, filled(1, 10), zeros, 1);
                TensorScope scope = TensorScope.open()) {
            Tensor nothing = Tensor.of(filled(0, 10));
            for (int i = 0; i < 2_000; i++) {
                rounding.descend(nothing, 1e-2, 2, 0);
            }
            assertThat(rounding.fraction().data()).containsOnly(0f);
        }
    }
}
