package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.BatchNormFolding;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RescalingTest {

    private static final Graph NETWORK = TestNetworks.chain("Relu", 3);

    /** Natural logarithm of the largest over the smallest weight that reads a channel, over the channels. */
    private static double spread(Graph graph, String output) {
        double[] ranges = Layer.of(graph, graph.producer(output).orElseThrow())
                .orElseThrow()
                .inputRanges(24);
        return Math.log(Arrays.stream(ranges).max().orElseThrow()
                / Arrays.stream(ranges).min().orElseThrow());
    }

    @Test
    void theFunctionAndTheBatchNormsStay() {
        FloatTensor expected = QuantizerTest.run(NETWORK);
        for (Graph network : List.of(NETWORK, BatchNormFolding.fold(NETWORK))) {
            for (boolean throughPooling : new boolean[] {false, true}) {
                Graph rescaled = Rescaling.rescale(network, 2, 7, throughPooling);
                assertThat(rescaled.nodes())
                        .extracting(Node::op)
                        .isEqualTo(network.nodes().stream().map(Node::op).toList());
                assertThat(QuantizerTest.decibels(expected, QuantizerTest.run(rescaled)))
                        .isGreaterThan(100);
            }
        }
    }

    @Test
    void channelsAreSpreadIntoTheHeadOnlyWhenAsked() {
        Graph convolutions = Rescaling.rescale(NETWORK, 2, 7, false);
        Graph all = Rescaling.rescale(NETWORK, 2, 7, true);
        assertThat(spread(convolutions, "grouped")).isGreaterThan(spread(NETWORK, "grouped") + 3);
        assertThat(spread(all, "grouped")).isEqualTo(spread(convolutions, "grouped"));
        assertThat(spread(convolutions, "y")).isEqualTo(spread(NETWORK, "y"));
        assertThat(spread(all, "y")).isGreaterThan(spread(NETWORK, "y") + 3);
    }
}
