package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.measure.KernelCoverage;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FloatIslandsTest {

    private static final FloatTensor CALIBRATION = TestNetworks.images(16, 1);
    private static final FloatTensor IMAGES = TestNetworks.images(16, 2);

    private static double decibels(Graph network, Graph quantized) {
        return QuantizerTest.decibels(
                Inference.run(network, IMAGES, 16, SessionOptions.defaults()),
                Inference.run(quantized, IMAGES, 16, SessionOptions.defaults()));
    }

    /** The same function, but the grid of one tensor is coarse: a channel that no other layer reads much of is very large. */
    private static Graph withLargeChannel() {
        Graph network = Quantizer.prepare(TestNetworks.residual("Relu", 1));
        Node expand = node(network, "expand");
        Node depthwise = node(network, "depthwise");
        GraphEditor editor = network.edit();
        scale(editor, network, expand.input(1), 1000);
        scale(editor, network, expand.input(2), 1000);
        scale(editor, network, depthwise.input(1), 1 / 1000f);
        return editor.build();
    }

    private static Node node(Graph network, String name) {
        return network.nodes().stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Scales the first output channel. */
    private static void scale(GraphEditor editor, Graph network, String constant, float factor) {
        TensorValue value = network.initializers().get(constant);
        float[] scaled = value.floats();
        int size = scaled.length / (int) value.shape()[0];
        for (int i = 0; i < size; i++) {
            scaled[i] *= factor;
        }
        editor.initializer(constant, TensorValue.ofFloats(scaled, value.shape()));
    }

    @Test
    void theActivationThatCostsMostStaysInFloats() {
        Graph network = withLargeChannel();
        Graph plain = Quantizer.quantize(network, CALIBRATION, QuantizeOptions.defaults())
                .graph();
        Quantized quantized = Quantizer.quantize(
                network, CALIBRATION, QuantizeOptions.builder().minimumSqnr(25).build());

        assertThat(decibels(network, plain)).isLessThan(20);
        assertThat(decibels(network, quantized.graph())).isGreaterThan(23);
        assertThat(quantized.steps()).anyMatch(step -> step.startsWith("1 of ") && step.contains("stay in floats"));
        assertThat(KernelCoverage.of(quantized.graph(), SessionOptions.defaults())
                        .floatConvolutions())
                .isEqualTo(2);
    }

    @Test
    void nothingStaysInFloatsWhereNothingNeedsTo() {
        Graph network = TestNetworks.squeezeExcite(4);
        Quantized plain = Quantizer.quantize(network, CALIBRATION, QuantizeOptions.defaults());
        Quantized asked = Quantizer.quantize(
                network, CALIBRATION, QuantizeOptions.builder().minimumSqnr(10).build());
        assertThat(asked.graph()).isEqualTo(plain.graph());
        assertThat(asked.steps()).anyMatch(step -> step.startsWith("0 of "));
    }

    @Test
    void aHardSwishInFloatsIsNotWrittenInIntegers() {
        Graph network = Quantizer.prepare(TestNetworks.squeezeExcite(4));
        Node swish = network.nodes().stream()
                .filter(node -> node.op().equals("HardSwish"))
                .findFirst()
                .orElseThrow();
        QuantizationPlan plan = new QuantizationPlan(network, QuantizeOptions.defaults());
        assertThat(plan.isGated(swish)).isTrue();
        assertThat(plan.without(Set.of(swish.output(0))).isGated(swish)).isFalse();
        assertThat(plan.without(Set.of(swish.input(0))).isGated(swish)).isFalse();
    }

    @Test
    void whatCoarseWeightsDoNotAllowIsSaid() {
        QuantizeOptions options =
                QuantizeOptions.builder().weightBits(2).minimumSqnr(40).build();
        assertThat(Quantizer.quantize(TestNetworks.residual("Relu", 1), CALIBRATION, options)
                        .steps())
                .anyMatch(step -> step.contains("40.0 dB cannot be had with these weights"));
        assertThatThrownBy(() -> QuantizeOptions.builder().minimumSqnr(-1).build())
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("minimumSqnr is -1.0 dB");
    }
}
