package dev.limbeck.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LearnedStepTest {

    @Test
    void quantizesAsOnnxDoes() {
        try (LearnedStep step = new LearnedStep(0.5f, 2, 0, 15);
                TensorScope scope = TensorScope.open()) {
            // ties to even; the integers 0 to 15 stand for -1 to 6.5
            Tensor y = step.quantize(Tensor.of(new float[] {0.25f, 0.75f, -0.6f, -3, 6.4f, 9}, 6));
            assertThat(y.toFloatTensor().data()).containsExactly(0, 1, -0.5f, -1, 6.5f, 6.5f);
        }
    }

    /** LSQ's gradient: round(x / s) - x / s between the ends of the grid, the integer itself beyond. */
    @Test
    void theStepHasTheGradientOfLsq() {
        for (float[] test : new float[][] {{0.7f, 1 - 1.4f}, {-3, -2}, {9, 13}}) {
            try (LearnedStep step = new LearnedStep(0.5f, 2, 0, 15);
                    TensorScope scope = TensorScope.open()) {
                Tensor x = Tensor.of(new float[] {test[0]}, 1).requireGradient();
                step.quantize(x).sum().backward();
                // of the ratio to the first step, 0.5
                assertThat(step.parameter("s").tensor().gradient().orElseThrow().data()[0])
                        .isCloseTo(0.5f * test[1], within(1e-5f));
                boolean inside = test[0] > -1 && test[0] < 6.5;
                assertThat(x.gradient().orElseThrow().data()[0]).isEqualTo(inside ? 1 : 0);
            }
        }
    }

    @Test
    void aStepThatClipsGrows() {
        try (LearnedStep step = new LearnedStep(0.1f, 0, 0, 15);
                Optimizer optimizer = Optimizers.adamW(List.of(step.parameter("s")), 0.9, 0.999, 1e-8, 0)) {
            for (int i = 0; i < 100; i++) {
                try (TensorScope scope = TensorScope.open()) {
                    Tensor x = Tensor.of(new float[] {3, 1, 2}, 3);
                    step.quantize(x).minus(x).square().sum().backward();
                    optimizer.step(0.02);
                    optimizer.zeroGradients();
                }
            }
            assertThat(step.step()).isCloseTo(0.2f, within(0.02f));
        }
    }

    @Test
    void selectionTakesFromBothAndRepeats() {
        float[] ones = new float[10_000];
        Arrays.fill(ones, 1);
        float[][] drawn = new float[2][];
        for (int i = 0; i < 2; i++) {
            try (RandomSelection selection = new RandomSelection(0.3, 7);
                    TensorScope scope = TensorScope.open()) {
                Tensor chosen = selection.select(Tensor.of(new float[10_000], 10_000), Tensor.of(ones, 10_000));
                drawn[i] = chosen.toFloatTensor().data();
                assertThat(chosen.mean().item()).isCloseTo(0.3f, within(0.02f));
            }
        }
        assertThat(drawn[0]).containsOnly(0, 1).containsExactly(drawn[1]);
    }
}
