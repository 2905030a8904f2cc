package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.Provenance;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.measure.KernelCoverage;
import dev.limbeck.quantize.Comparison.Deviation;
import dev.limbeck.quantize.Comparison.Layer;
import dev.limbeck.quantize.Comparison.Result;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private static final FloatTensor IMAGES = TestNetworks.images(32, 5);
    private static final SessionOptions OPTIONS = SessionOptions.defaults();

    private static Result compare(Graph network, Graph other) {
        return Comparison.compare(
                network, other, Items.of(network, IMAGES), Comparison.THRESHOLD, OPTIONS, Progress.NONE);
    }

    private static Layer layer(Result result, String tensor) {
        return result.layers().stream()
                .filter(layer -> layer.tensor().equals(tensor))
                .findFirst()
                .orElseThrow();
    }

    private static Graph quantized(Graph network) {
        return Quantizer.quantize(network, IMAGES, QuantizeOptions.defaults()).graph();
    }

    @Test
    void everyQuantizedTensorIsComparedAndIntegerKernelsStay() {
        Graph network = TestNetworks.trained(TestNetworks.residual("Relu", 1), IMAGES);
        Graph quantized = quantized(network);
        Result result = compare(network, quantized);
        assertThat(result.layers())
                .extracting(Layer::tensor)
                .contains("add", "pool", "y")
                .endsWith("y");
        assertThat(result.layers()).allSatisfy(layer -> {
            assertThat(layer.simulated().decibels()).isBetween(20.0, 80.0);
            assertThat(layer.computed().decibels()).isBetween(20.0, 80.0);
            assertThat(layer.computed().largestError()).isPositive();
        });
        assertThat(result.firstWrong()).isEmpty();
        // Batch norms are folded into what they follow: only what they make is left.
        assertThat(result.unmatched()).isEqualTo(9);
        assertThat(layer(result, "stem.bn.act").operator()).isEqualTo("Conv, Relu");
        assertThat(layer(result, "stem.bn.act").quantized()).isTrue();
        Graph probed = new Counterparts(
                        network, quantized, Items.of(network, IMAGES).itemShapes())
                .probed()
                .graph();
        assertThat(KernelCoverage.of(probed, OPTIONS).integerConvolutions())
                .isEqualTo(KernelCoverage.of(quantized, OPTIONS).integerConvolutions())
                .isPositive();
        assertThat(KernelCoverage.of(probed, OPTIONS).floatConvolutions()).isZero();
    }

    @Test
    void theLayerThatIsBrokenIsNamed() {
        Graph network = TestNetworks.trained(TestNetworks.residual("Relu", 1), IMAGES);
        Graph quantized = quantized(network);
        GraphEditor editor = quantized.edit();
        Node convolution = quantized.nodes().stream()
                .filter(node -> node.op().equals("Conv") && node.output(0).startsWith("project"))
                .findFirst()
                .orElseThrow();
        String weight = quantized.producer(convolution.input(1)).orElseThrow().input(0);
        TensorValue value = quantized.initializer(weight).orElseThrow();
        long[] stored = value.longs();
        int[] reversed = new int[stored.length];
        for (int i = 0; i < stored.length; i++) {
            reversed[i] = (int) stored[stored.length - 1 - i];
        }
        editor.initializer(weight, TensorValue.ofIntegers(value.type(), reversed, value.shape()));
        Layer wrong = compare(network, editor.build()).firstWrong().orElseThrow();
        assertThat(wrong.tensor()).isEqualTo("project.bn");
        assertThat(wrong.operator()).startsWith("Conv");
        assertThat(wrong.wrong()).hasValueSatisfying(why -> assertThat(why).contains("dB"));
    }

    @Test
    void channelsThatWereRescaledAreComparedAllTheSame() {
        Graph network = TestNetworks.trained(TestNetworks.chain("Relu", 3), IMAGES);
        QuantizeOptions options = QuantizeOptions.builder().equalize(true).build();
        Quantized quantized = Quantizer.quantize(network, IMAGES, options);
        Graph recorded = Provenance.of(
                        "quantize",
                        "1",
                        Map.of("steps", String.join("; ", quantized.steps())),
                        Map.of("model", network.digest()))
                .writeTo(quantized.graph());
        Result result = compare(network, recorded);
        assertThat(result.layers()).anyMatch(Layer::rescaled);
        assertThat(result.firstWrong()).isEmpty();
        assertThat(layer(result, "y").rescaled()).isFalse();
    }

    @Test
    void networksThatHaveChangedPlacesAreRefused() {
        Graph network = TestNetworks.trained(TestNetworks.residual("Relu", 1), IMAGES);
        Graph quantized = quantized(network);
        assertThatThrownBy(() -> compare(quantized, network))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("give the float network first");
    }

    @Test
    void aNetworkIsTheSameAsItself() {
        Graph network = TestNetworks.squeezeExcite(2);
        assertThat(compare(network, network).layers())
                .hasSize((int) network.nodes().stream().map(Node::outputs).count())
                .allSatisfy(layer -> assertThat(layer.simulated().decibels()).isGreaterThan(100))
                .allSatisfy(layer -> assertThat(layer.quantized()).isFalse());
    }

    @Test
    void valuesThatAreNoNumbersAreAsWrongAsCanBe() {
        Graph network = TestNetworks.residual("Relu", 1);
        GraphEditor editor = network.edit();
        editor.initializer("stem.bias", TensorValue.ofFloats(notNumbers(), 16));
        Layer wrong = compare(network, editor.build()).firstWrong().orElseThrow();
        assertThat(wrong.tensor()).isEqualTo("stem");
        assertThat(wrong.computed()).isEqualTo(new Deviation(-Deviation.MOST_DECIBELS, Double.POSITIVE_INFINITY));
    }

    private static float[] notNumbers() {
        float[] values = new float[16];
        Arrays.fill(values, Float.NaN);
        return values;
    }

    @Test
    void networksThatAreNoPairAreRefused() {
        Graph network = TestNetworks.residual("Relu", 1);
        Graph other = network.edit()
                .clearOutputs()
                .output(network.outputs().getFirst().withName("pool"))
                .build();
        assertThatThrownBy(() -> compare(network, other))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("pool")
                .hasMessageContaining("what was made of it");
    }
}
