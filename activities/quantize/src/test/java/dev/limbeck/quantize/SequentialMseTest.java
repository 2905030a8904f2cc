package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.TensorValue;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequentialMseTest {

    private static final int INPUTS = 16;
    private static final int OUTPUTS = 8;
    private static final int ROWS = 512;

    private final Random random = new Random(3);

    /** Small weights would make less of noise that comes in; but then nothing is left of the layer. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void gridsDoNotShrinkBecauseTheInputsAreNoisy(boolean quadratic) {
        float[] weights = normal(OUTPUTS * INPUTS, 1);
        TensorValue weight = TensorValue.ofFloats(weights, OUTPUTS, INPUTS);
        Encoding widest = WeightQuantizer.encodeWhole(weight, NumberFormat.integer(8, Symmetry.SYMMETRIC));
        WeightMatrix matrix = matrix();
        float[] clean = normal(ROWS * INPUTS, 1);
        float[] noisy = normal(ROWS * INPUTS, 3);
        for (int i = 0; i < noisy.length; i++) {
            noisy[i] += clean[i];
        }
        try (TensorScope scope = TensorScope.open();
                Tensor bias = Tensor.of(new float[OUTPUTS], OUTPUTS);
                LayerLoss loss = quadratic
                        ? new QuadraticLoss(matrix, bias)
                        : new SampledLoss(matrix, bias, UnaryOperator.identity(), 0)) {
            Tensor inputs = Tensor.of(noisy, 1, ROWS, INPUTS);
            Tensor outputs = Tensor.of(clean, ROWS, INPUTS)
                    .matmul(Tensor.of(weights, OUTPUTS, INPUTS).permute(1, 0));
            if (loss instanceof QuadraticLoss moments) {
                moments.add(inputs, outputs);
            } else {
                ((SampledLoss) loss).add(inputs, outputs);
            }
            Encoding chosen = new SequentialMse(20).choose(weight, widest, new float[] {0}, matrix, loss);
            assertThat(chosen.scale()[0]).isBetween(0.9f * widest.scale()[0], widest.scale()[0]);
        }
    }

    private float[] normal(int count, double deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }

    private static WeightMatrix matrix() {
        int[] position = new int[OUTPUTS * INPUTS];
        Arrays.setAll(position, i -> i);
        return new WeightMatrix(1, OUTPUTS, INPUTS, position);
    }
}
