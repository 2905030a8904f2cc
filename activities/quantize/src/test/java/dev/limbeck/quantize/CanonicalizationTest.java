package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.measure.KernelCoverage;
import dev.limbeck.runtime.SessionOptions;
import org.junit.jupiter.api.Test;

class CanonicalizationTest {

    @Test
    void writesTheSameFunctionInOperatorsWithIntegerKernels() {
        Graph network = TestNetworks.preActivation(1);
        Graph canonical = Canonicalization.of(network);
        assertThat(canonical.nodes())
                .extracting(Node::op)
                .contains("HardSwish", "GlobalAveragePool")
                .doesNotContain("BatchNormalization", "ReduceMean", "HardSigmoid");
        float[] expected = QuantizerTest.run(network).data();
        float[] actual = QuantizerTest.run(canonical).data();
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-4f));
        }
    }

    @Test
    void preActivationNetworksRunOnIntegersToo() {
        Graph network = TestNetworks.preActivation(1);
        FloatTensor images = TestNetworks.images(64, 1);
        Graph quantized =
                Quantizer.quantize(network, images, QuantizeOptions.defaults()).graph();
        KernelCoverage coverage = KernelCoverage.of(quantized, SessionOptions.defaults());
        assertThat(coverage.share()).isEqualTo(1);
        assertThat(coverage.dequantizeNodes())
                .as(coverage.operators().toString())
                .isZero();
        assertThat(coverage.operators()).doesNotContainKeys("Relu", "Mul", "BatchNormalization");
        assertThat(QuantizerTest.decibels(QuantizerTest.run(network), QuantizerTest.run(quantized)))
                .isGreaterThan(30);
    }
}
