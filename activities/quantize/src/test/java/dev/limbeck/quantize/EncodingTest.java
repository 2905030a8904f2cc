package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.TensorValue;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EncodingTest {

    private static final QuantizeOptions PER_CHANNEL = QuantizeOptions.defaults();
    private static final QuantizeOptions PER_TENSOR =
            QuantizeOptions.builder().granularity(Granularity.PER_TENSOR).build();
    private static final QuantizeOptions SEVEN_BITS =
            PER_TENSOR.toBuilder().weightBits(7).build();

    @Property(tries = 500)
    void errorWithinTheRangeIsAtMostHalfAStep(
            @ForAll @DoubleRange(min = -100, max = 100) double a,
            @ForAll @DoubleRange(min = -100, max = 100) double b,
            @ForAll @DoubleRange(min = 0, max = 1) double where,
            @ForAll @IntRange(min = 2, max = 8) int bits) {
        ValueRange range = new ValueRange(Math.min(a, b), Math.max(a, b));
        Encoding encoding = Encoding.asymmetric(range, bits);
        float value = (float) (range.min() + where * (range.max() - range.min()));
        float back = encoding.dequantize(encoding.quantize(value, 0), 0);
        assertThat((double) Math.abs(back - value)).isLessThanOrEqualTo(encoding.scale()[0] / 2 + 1e-4);
        assertThat(encoding.dequantize(encoding.quantize(0, 0), 0)).isZero();
    }

    @Property(tries = 200)
    void weightsErrAtMostHalfAStepOfTheirChannel(@ForAll @IntRange(min = 0, max = 100_000) int seed) {
        java.util.Random random = new java.util.Random(seed);
        float[] values = new float[4 * 6];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * Math.pow(10, i / 6 - 2));
        }
        TensorValue weight = TensorValue.ofFloats(values, 4, 6);
        Encoding encoding = WeightQuantizer.encode(weight, 0, null, 1, PER_CHANNEL);
        int[] stored = WeightQuantizer.quantize(weight, encoding);
        for (int i = 0; i < values.length; i++) {
            float scale = encoding.scale()[i / 6];
            assertThat(Math.abs(stored[i] * scale - values[i])).isLessThanOrEqualTo(scale * 0.501f);
        }
    }

    @Test
    void asymmetricEncodingsFollowTheFormula() {
        // 255 steps of 0.02 from -1.0 to 4.1
        Encoding encoding = Encoding.asymmetric(new ValueRange(-1, 4.1), 8);
        assertThat(encoding.scale()[0]).isCloseTo(0.02f, within(1e-7f));
        assertThat(encoding.zeroPoint()[0]).isEqualTo(50);
        assertThat(encoding.quantize(0.03f, 0)).isEqualTo(52); // 1.5 steps: ties go to even
        assertThat(encoding.quantize(100, 0)).isEqualTo(255);
        assertThat(encoding.quantize(-100, 0)).isZero();
        assertThat(encoding.min(0)).isCloseTo(-1, within(1e-6));
        assertThat(encoding.max(0)).isCloseTo(4.1, within(1e-6));
    }

    @Test
    void rangesAreMadeToHoldZeroAndNotTooNarrow() {
        assertThat(Encoding.asymmetric(new ValueRange(2, 5.1), 8).zeroPoint()[0])
                .isZero();
        assertThat(Encoding.asymmetric(new ValueRange(-5.1, -2), 8).zeroPoint()[0])
                .isEqualTo(255);
        assertThat(Encoding.asymmetric(new ValueRange(0, 0), 8).scale()[0]).isCloseTo(0.01f / 255, within(1e-9f));
    }

    @Test
    void weightScalesFollowTheFormula() {
        TensorValue weight = TensorValue.ofFloats(new float[] {1.27f, -0.5f, 0, 0, -2.54f, 1}, 3, 2);
        Encoding perChannel = WeightQuantizer.encode(weight, 0, null, 1, PER_CHANNEL);
        assertThat(perChannel.scale()[0]).isCloseTo(0.01f, within(1e-8f));
        assertThat(perChannel.scale()[1]).isPositive(); // a dead channel
        assertThat(perChannel.scale()[2]).isCloseTo(0.02f, within(1e-8f));
        assertThat(WeightQuantizer.quantize(weight, perChannel)).containsExactly(127, -50, 0, 0, -127, 50);
        Encoding perTensor = WeightQuantizer.encode(weight, 0, null, 1, PER_TENSOR);
        assertThat(perTensor.scale()).hasSize(1);
        assertThat(perTensor.scale()[0]).isCloseTo(0.02f, within(1e-8f));
        Encoding sevenBits = WeightQuantizer.encode(weight, 0, null, 1, SEVEN_BITS);
        assertThat(sevenBits.scale()[0]).isCloseTo(2.54f / 63, within(1e-7f));
    }

    @Test
    void aWeightScaleGrowsWhereTheBiasWouldOverflow() {
        TensorValue weight = TensorValue.ofFloats(new float[] {1e-9f, 1}, 2, 1);
        float[] bias = {3, 3};
        float inputScale = 0.01f;
        Encoding encoding = WeightQuantizer.encode(weight, 0, bias, inputScale, PER_CHANNEL);
        float[] scale = WeightQuantizer.biasScale(encoding, inputScale);
        long[] stored = WeightQuantizer.quantizeBias(bias, scale).longs();
        assertThat(stored[0] * scale[0]).isCloseTo(3, within(1e-4f));
        assertThat(stored[1] * scale[1]).isCloseTo(3, within(1e-4f));
        assertThat(encoding.scale()[1]).isCloseTo(1 / 127f, within(1e-8f));
    }

    @Test
    void refusesScalesThatAreNotPositive() {
        assertThatThrownBy(() -> Encoding.perTensor(NumberFormat.integer(8, Symmetry.ASYMMETRIC), 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Encoding.perTensor(NumberFormat.integer(8, Symmetry.ASYMMETRIC), Float.NaN, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
