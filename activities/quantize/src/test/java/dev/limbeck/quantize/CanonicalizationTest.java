package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
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

    /** As paddle2onnx writes biases, learnable affine transformations and hard swishes. */
    @Test
    void constantsBehindAConvolutionBecomePartOfIt() {
        GraphEditor editor =
                GraphEditor.create("paddle").input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, 12, 12));
        float[] weights = new float[12];
        float[] biases = new float[4];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = 0.3f * (i % 5) - 0.5f;
            biases[i % 4] = 2 - i % 4;
        }
        editor.initializer("weight", TensorValue.ofFloats(weights, 4, 3, 1, 1));
        editor.initializer("bias", TensorValue.ofFloats(biases, 1, 4, 1, 1));
        editor.initializer("two", TensorValue.ofFloats(new float[] {2}, 1));
        editor.initializer("three", TensorValue.scalar(3));
        editor.initializer("zero", TensorValue.scalar(0));
        editor.initializer("six", TensorValue.scalar(6));
        String sum = editor.add("Add", "sum", editor.add("Conv", "conv", "x", "weight"), "bias");
        String scaled = editor.add("Mul", "scaled", "two", sum);
        String clipped = editor.add("Clip", "clipped", editor.add("Add", "plus", scaled, "three"), "zero", "six");
        String y = editor.add("Div", "y", editor.add("Mul", "product", scaled, clipped), "six");
        Graph network = editor.output(new ValueInfo(y, ElementType.FLOAT, ValueInfo.DYNAMIC, 4, 12, 12))
                .build();
        Graph canonical = Canonicalization.of(network);
        assertThat(canonical.nodes()).extracting(Node::op).containsExactly("Conv", "HardSwish");
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
