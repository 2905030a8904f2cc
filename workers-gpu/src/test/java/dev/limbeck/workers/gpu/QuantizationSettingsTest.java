package dev.limbeck.workers.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.Granularity;
import dev.limbeck.quantize.NumberFormat;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.RoundingOptions;
import dev.limbeck.quantize.Symmetry;
import dev.limbeck.quantize.Target;
import dev.limbeck.schemas.QuantizeSpec;
import org.junit.jupiter.api.Test;

class QuantizationSettingsTest {

    @Test
    void aSpecThatSaysNothingMeansTheDefaults() {
        assertThat(QuantizationSettings.options(QuantizeSpec.defaults(), 0, false))
                .isEqualTo(QuantizeOptions.defaults());
        assertThat(QuantizationSettings.options(QuantizeSpec.defaults(), 0, true)
                        .weights()
                        .bits())
                .isEqualTo(7);
    }

    @Test
    void everyKeyHasItsOption() {
        QuantizeSpec way = new QuantizeSpec(
                "all",
                "post-training",
                "entropy",
                null,
                64,
                "uint4",
                "int16",
                null,
                "blockwise",
                64,
                "mse",
                99.0,
                true,
                true,
                0.25,
                new QuantizeSpec.Rounding("block-reconstruction", 30, true, 15),
                true,
                128,
                null,
                null,
                null,
                null,
                null,
                null,
                25.0,
                null);

        assertThat(QuantizationSettings.options(way, 7, true))
                .isEqualTo(QuantizeOptions.builder()
                        .weights(NumberFormat.integer(4, Symmetry.ASYMMETRIC))
                        .activations(NumberFormat.integer(16, Symmetry.SYMMETRIC))
                        .granularity(Granularity.blockwise(64))
                        .calibration(Calibration.ENTROPY)
                        .weightCalibration(Calibration.MSE)
                        .percentile(99)
                        .equalize(true)
                        .biasCorrection(true)
                        .smoothQuant(0.25)
                        .rounding(RoundingOptions.builder()
                                .method(RoundingOptions.Method.BLOCK_RECONSTRUCTION)
                                .iterations(30)
                                .candidates(15)
                                .seed(7)
                                .build())
                        .packWeights(true)
                        .matMulBlockSize(128)
                        .minimumSqnr(25)
                        .build());
    }

    @Test
    void aTargetDecidesOnSymmetryAndScales() {
        Target arm = Target.named("onnxruntime-arm");
        QuantizeOptions expected = QuantizeOptions.builder().target(arm).build();
        String json = """
                {"defaults": {"ops": {"is_output_quantized": "True"}, "params": {"is_quantized": "True"}, "per_channel_quantization": "False"},
                 "params": {}, "op_type": {}, "supergroups": [], "model_input": {}, "model_output": {}}
                """;
        assertThat(QuantizationSettings.options(way("onnxruntime-arm"), 0, false))
                .isEqualTo(expected);
        assertThat(expected.activations().symmetry()).isEqualTo(Symmetry.UNSIGNED_SYMMETRIC);

        QuantizeOptions own = QuantizationSettings.options(way(json), 0, false);
        assertThat(own.granularity()).isEqualTo(Granularity.PER_TENSOR);
        assertThat(own.weights().symmetry()).isEqualTo(Symmetry.ASYMMETRIC);
    }

    private static QuantizeSpec way(String target) {
        return new QuantizeSpec(
                null, null, null, null, null, null, null, target, null, null, null, null, null, null, null, null, null,
                null, null, null, null, null, null, null, null, null);
    }
}
