package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import org.junit.jupiter.api.Test;

class TransformerFusionTest {

    private static final Graph NETWORK = TransformerNetworks.spelledOut(1);
    private static final FloatTensor ITEMS = TransformerNetworks.items(32, 1);

    /** Power of the difference of the outputs over that of the outputs. */
    private static double noise(Graph actual) {
        float[] a = Inference.run(NETWORK, ITEMS, 32, SessionOptions.defaults()).data();
        float[] b = Inference.run(actual, ITEMS, 32, SessionOptions.defaults()).data();
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < a.length; i++) {
            signal += a[i] * (double) a[i];
            noise += (a[i] - b[i]) * (double) (a[i] - b[i]);
        }
        return noise / signal;
    }

    @Test
    void computesTheSameWithOneNodeEach() {
        Graph fused = TransformerFusion.fuse(NETWORK);
        assertThat(fused.nodes())
                .extracting(Node::op)
                .contains("LayerNormalization", "Gelu")
                .doesNotContain("Erf", "Sqrt", "Pow", "ReduceMean");
        assertThat(noise(fused)).isLessThan(1e-10);
    }

    @Test
    void whatLooksAlikeStays() {
        Graph other = TransformerNetworks.preNorm(1);
        assertThat(TransformerFusion.fuse(other).digest()).isEqualTo(other.digest());
    }

    @Test
    void aMaskLeavesRoomForTheScores() {
        Graph quantized =
                Quantizer.quantize(NETWORK, ITEMS, QuantizeOptions.defaults()).graph();
        assertThat(noise(quantized)).isBetween(1e-7, 0.03);
    }
}
