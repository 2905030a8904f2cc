package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.BatchNormFolding;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EqualizationTest {

    private static final List<String> ACTIVATIONS = List.of("Relu", "PRelu", "LeakyRelu");

    private static double largestDifference(FloatTensor expected, FloatTensor actual) {
        double largest = 0;
        for (int i = 0; i < expected.data().length; i++) {
            largest = Math.max(largest, Math.abs(expected.data()[i] - actual.data()[i]));
        }
        return largest;
    }

    @Property(tries = 12)
    void theFunctionStaysTheSame(
            @ForAll @IntRange(min = 0, max = 1_000_000) int seed, @ForAll @IntRange(min = 0, max = 2) int activation) {
        for (Graph network : List.of(
                TestNetworks.chain(ACTIVATIONS.get(activation), seed),
                TestNetworks.residual(ACTIVATIONS.get(activation), seed),
                TestNetworks.squeezeExcite(seed))) {
            FloatTensor expected = QuantizerTest.run(network);
            FloatTensor actual = QuantizerTest.run(Equalization.equalize(network));
            assertThat(largestDifference(expected, actual)).isLessThanOrEqualTo(1e-4);
        }
    }

    @Test
    void aChainLeadsThroughDepthwiseLayersPoolingAndFlattening() {
        Graph network = BatchNormFolding.fold(TestNetworks.chain("Relu", 1));
        List<List<Layer>> chains = new LayerChains(network, false).find();
        assertThat(chains)
                .extracting(chain -> chain.stream()
                        .map(layer -> layer.node().op() + (layer.isDepthwise() ? " depthwise" : ""))
                        .toList())
                .containsExactly(
                        List.of("Conv", "Conv depthwise", "Conv"), List.of("Conv", "Conv"), List.of("Conv", "Gemm"));
    }

    /** As some exporters write it: the mean of an image as ReduceMean, the classifier as MatMul and Add. */
    @Test
    void aChainLeadsThroughMeansIntoMatrixProducts() {
        Graph chain = BatchNormFolding.fold(TestNetworks.chain("Relu", 1));
        Node gemm = chain.producer("y").orElseThrow();
        float[] weight = chain.initializers().get(gemm.input(1)).floats(); // [10, 24]
        float[] transposed = new float[weight.length];
        for (int i = 0; i < weight.length; i++) {
            transposed[i % 24 * 10 + i / 24] = weight[i];
        }
        GraphEditor editor = chain.edit();
        editor.remove(chain.producer("flat").orElseThrow())
                .replace(
                        chain.producer("pool").orElseThrow(),
                        Node.of("ReduceMean", "mean", List.of("grouped.bn.act"), List.of("flat"))
                                .withIntegers("axes", -2, -1)
                                .withInteger("keepdims", 0))
                .replace(
                        gemm,
                        Node.of(
                                "MatMul",
                                "product",
                                List.of(
                                        "flat",
                                        editor.initializer("transposed", TensorValue.ofFloats(transposed, 24, 10))),
                                List.of("product")));
        editor.add(Node.of("Add", "sum", List.of("product", gemm.input(2)), List.of("y")));
        Graph network = editor.build();
        FloatTensor expected = QuantizerTest.run(chain);
        assertThat(largestDifference(expected, QuantizerTest.run(network))).isLessThan(1e-5);
        assertThat(new LayerChains(network, false).find().getLast())
                .extracting(layer -> layer.node().op())
                .containsExactly("Conv", "MatMul");
        Graph spoilt = Rescaling.rescale(network, 2, 1, true);
        assertThat(quantizedDecibels(spoilt, expected, false)).isLessThan(15);
        assertThat(quantizedDecibels(spoilt, expected, true)).isGreaterThan(27);
    }

    @Test
    void rangesBecomeTheGeometricMean() {
        Graph network = BatchNormFolding.fold(TestNetworks.chain("Relu", 1));
        Graph equalized = Equalization.equalize(Rescaling.rescale(network, 1.3, 2, true));
        for (List<Layer> chain : new LayerChains(equalized, false).find()) {
            double[] first = chain.getFirst().outputRanges();
            for (Layer later : chain.subList(1, chain.size())) {
                double[] ranges = later.inputRanges(first.length);
                for (int c = 0; c < first.length; c++) {
                    assertThat(ranges[c] / first[c]).isCloseTo(1, within(0.02));
                }
            }
        }
    }

    @Test
    void restoresANetworkWhoseChannelsWereRescaled() {
        Graph network = BatchNormFolding.fold(TestNetworks.chain("Relu", 1));
        Graph spoilt = Rescaling.rescale(network, 1.3, 2, true);
        FloatTensor images = TestNetworks.images(64, 1);
        QuantizeOptions perTensor =
                QuantizeOptions.builder().granularity(Granularity.PER_TENSOR).build();
        FloatTensor expected = QuantizerTest.run(network);
        Graph naive = Quantizer.quantize(spoilt, images, perTensor).graph();
        Graph equalized = Quantizer.quantize(
                        spoilt, images, perTensor.toBuilder().equalize(true).build())
                .graph();
        assertThat(QuantizerTest.decibels(expected, QuantizerTest.run(naive))).isLessThan(25);
        assertThat(QuantizerTest.decibels(expected, QuantizerTest.run(equalized)))
                .isGreaterThan(32);
    }

    @Test
    void clipsBetweenLayersBecomeRelusWhereBatchNormsAllowIt() {
        Graph network = TestNetworks.residual("Clip", 1); // 6 is far from where values lie
        assertThat(Equalization.equalize(network).nodes()).extracting(Node::op).doesNotContain("Relu");
        Equalization.EqualizedModel model = Equalization.equalizeModel(network);
        assertThat(model.graph().nodes())
                .filteredOn(node -> node.op().equals("Clip"))
                .extracting(node -> node.output(0))
                .containsExactly("stem.bn.act"); // read twice: by the next layer and by the shortcut
        assertThat(model.steps()).contains("3 Clips turned into ReLUs", "layers equalized");
        assertThat(model.spreadAfter()).isLessThan(model.spreadBefore());
        Graph folded = BatchNormFolding.fold(network);
        assertThat(Equalization.equalizeModel(folded).steps())
                .as("nothing tells whether the bounds are needed")
                .noneMatch(step -> step.contains("Clips"));
    }

    @Test
    void aWholeModelKeepsItsFunction() {
        Graph network = TestNetworks.trained(TestNetworks.chain("Relu", 4), TestNetworks.images(128, 1));
        Graph spoilt = Rescaling.rescale(network, 2, 1, true);
        Equalization.EqualizedModel model = Equalization.equalizeModel(spoilt);
        assertThat(largestDifference(QuantizerTest.run(network), QuantizerTest.run(model.graph())))
                .isLessThan(1e-3);
        assertThat(model.spreadBefore()).isGreaterThan(10 * model.spreadAfter());
    }

    @Test
    void deadAndConstantChannelsNeitherSpoilScalesNorChangeTheFunction() {
        Graph network = BatchNormFolding.fold(TestNetworks.chain("Relu", 1));
        GraphEditor editor = network.edit();
        Layer second = layer(network, "second.bn");
        float[] weight = weight(network, second);
        float[] bias = bias(network, second);
        Arrays.fill(weight, 0, 16, 0); // channel 0 is always 0
        bias[0] = -1;
        for (int i = 2; i < weight.length; i += 16) {
            weight[i] = 0; // nobody reads channel 2 of the layer before
        }
        Arrays.fill(weight, 16, 32, 1e-20f); // channel 1 is all but constant
        bias[1] = 5;
        editor.initializer(second.node().input(1), TensorValue.ofFloats(weight, 24, 16, 1, 1));
        editor.initializer(second.node().input(2), TensorValue.ofFloats(bias, 24));
        Graph odd = editor.build();
        Graph spoilt = Rescaling.rescale(odd, 2, 1, true);
        FloatTensor expected = QuantizerTest.run(odd);
        Graph equalized = Equalization.equalize(spoilt);
        assertThat(largestDifference(expected, QuantizerTest.run(equalized))).isLessThan(1e-4);
        for (float value : bias(equalized, layer(equalized, "second.bn"))) {
            assertThat(Math.abs(value)).isLessThan(100);
        }
        assertThat(quantizedDecibels(spoilt, expected, true))
                .isGreaterThan(quantizedDecibels(odd, expected, false) - 2);
    }

    private static double quantizedDecibels(Graph network, FloatTensor expected, boolean equalize) {
        QuantizeOptions options = QuantizeOptions.builder()
                .granularity(Granularity.PER_TENSOR)
                .equalize(equalize)
                .build();
        Graph quantized =
                Quantizer.quantize(network, TestNetworks.images(64, 1), options).graph();
        return QuantizerTest.decibels(expected, QuantizerTest.run(quantized));
    }

    private static Layer layer(Graph graph, String output) {
        return Layer.of(graph, graph.producer(output).orElseThrow()).orElseThrow();
    }

    private static float[] weight(Graph graph, Layer layer) {
        return graph.initializers().get(layer.node().input(1)).floats();
    }

    private static float[] bias(Graph graph, Layer layer) {
        return graph.initializers().get(layer.node().input(2)).floats();
    }
}
