package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.measure.KernelCoverage;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import org.junit.jupiter.api.Test;

class BiasCorrectionTest {

    private static final FloatTensor IMAGES = TestNetworks.images(128, 1);

    private static double largestShiftOfMeans(Graph expected, Graph actual) {
        double[] shift = new double[TestNetworks.CLASSES];
        float[] a =
                Inference.run(expected, IMAGES, 64, SessionOptions.defaults()).data();
        float[] b = Inference.run(actual, IMAGES, 64, SessionOptions.defaults()).data();
        for (int i = 0; i < a.length; i++) {
            shift[i % shift.length] += (b[i] - a[i]) / (a.length / (double) shift.length);
        }
        double largest = 0;
        for (double s : shift) {
            largest = Math.max(largest, Math.abs(s));
        }
        return largest;
    }

    @Test
    void meansOfTheOutputsAreThoseOfTheFloatNetwork() {
        for (Graph network : new Graph[] {TestNetworks.residual("Relu", 1), TestNetworks.squeezeExcite(4)}) {
            QuantizeOptions options = QuantizeOptions.builder()
                    .granularity(Granularity.PER_TENSOR)
                    .weightBits(7)
                    .build();
            Graph plain = Quantizer.quantize(network, IMAGES, options).graph();
            Quantized corrected = Quantizer.quantize(
                    network, IMAGES, options.toBuilder().biasCorrection(true).build());
            double before = largestShiftOfMeans(network, plain);
            assertThat(largestShiftOfMeans(network, corrected.graph())).isLessThan(before / 5);
            assertThat(KernelCoverage.of(corrected.graph(), SessionOptions.defaults())
                            .share())
                    .isEqualTo(1);
            assertThat(corrected.steps()).anyMatch(step -> step.contains("biases corrected"));
        }
    }

    @Test
    void networksWithoutBiasesStayAsTheyAre() {
        Graph network = TransformerNetworks.preNorm(1);
        FloatTensor items = TransformerNetworks.items(4, 1);
        Graph corrected = Quantizer.quantize(
                        network,
                        items,
                        QuantizeOptions.builder().biasCorrection(true).build())
                .graph();
        assertThat(corrected)
                .isEqualTo(Quantizer.quantize(network, items, QuantizeOptions.defaults())
                        .graph());
    }
}
