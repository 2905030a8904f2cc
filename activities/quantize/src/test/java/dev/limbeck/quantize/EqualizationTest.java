package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.BatchNormFolding;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class EqualizationTest {

    private static final List<String> ACTIVATIONS = List.of("Relu", "PRelu", "LeakyRelu");

    /** Scales the channels between layers by random powers of ten, without changing the function. */
    private static Graph rescaled(Graph graph, long seed) {
        Random random = new Random(seed);
        LayerChains chains = new LayerChains(graph, false);
        for (List<Layer> chain : chains.find()) {
            for (int i = 0; i + 1 < chain.size(); i++) {
                double[] scale = new double[chain.getFirst().outputs()];
                for (int c = 0; c < scale.length; c++) {
                    scale[c] = Math.pow(10, 2 * random.nextDouble() - 1);
                }
                chain.get(i).divideOutputs(scale);
                chain.get(i + 1).multiplyInputs(scale);
            }
        }
        GraphEditor editor = graph.edit();
        chains.layers().values().forEach(layer -> layer.store(editor));
        return editor.build();
    }

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

    @Test
    void rangesBecomeTheGeometricMean() {
        Graph network = BatchNormFolding.fold(TestNetworks.chain("Relu", 1));
        Graph equalized = Equalization.equalize(rescaled(network, 2));
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
        Graph spoilt = rescaled(network, 2);
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
    void clipsBetweenLayersBecomeRelusOnlyWhenAsked() {
        Graph network = TestNetworks.residual("Clip", 1);
        assertThat(Equalization.equalize(network).nodes()).extracting(Node::op).doesNotContain("Relu");
        assertThat(Equalization.equalizeThroughClips(network).nodes())
                .filteredOn(node -> node.op().equals("Clip"))
                .extracting(node -> node.output(0))
                .containsExactly("stem.bn.act"); // read twice: by the next layer and by the shortcut
    }
}
