package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Cuts, extracted parts and spliced blocks. */
class PartsTest {

    private final Graph network = TestNetworks.convolutional(1);

    @Test
    void findsTheTensorsBetweenBlocksAndNoneInsideAResidual() {
        List<String> cuts = Cuts.find(network);

        assertThat(cuts)
                .containsExactly(
                        "stem", "stem_bn", "stem_act", "block0_out", "block1_out", "block2_out", "pool", "flat");
    }

    @Test
    void partsInARowComputeWhatTheWholeComputes() {
        List<String> bounds = new ArrayList<>(Cuts.find(network));
        bounds.addFirst("image");
        bounds.addLast("logits");
        FloatTensor image = Oracle.normal(new java.util.Random(3), 2, 3, 16, 16);
        float[] expected =
                Oracle.run(network, Map.of("image", image)).get("logits").floats();

        FloatTensor x = image;
        for (int i = 1; i < bounds.size(); i++) {
            Graph part = Subgraph.extract(network, bounds.get(i - 1), bounds.get(i));
            Oracle.Output out = Oracle.run(part, Map.of(bounds.get(i - 1), x)).get(bounds.get(i));
            x = new FloatTensor(out.floats(), out.shape());
        }

        assertThat(Oracle.difference(x.data(), expected)).isZero();
    }

    @Test
    void splicingAnExtractedPartBackIsTheIdentity() {
        Graph part = Subgraph.extract(network, "stem_act", "block1_out");

        Graph spliced = Splice.replace(network, "stem_act", "block1_out", part, "new/");

        assertThat(spliced.nodes()).hasSameSizeAs(network.nodes());
        assertThat(spliced.producer("block1_out")).isPresent();
        assertThat(Oracle.difference(network, spliced, 2, 5)).isZero();
    }

    @Test
    void refusesAPartWithAWayAround() {
        assertThatThrownBy(() -> Subgraph.extract(network, "block0_expand", "block0_out"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("block0_out")
                .hasMessageContaining("block0_expand");
    }
}
