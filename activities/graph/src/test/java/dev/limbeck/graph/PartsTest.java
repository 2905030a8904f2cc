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

    @Test
    void refusesABlockOfTheWrongShape() {
        Graph part = Subgraph.extract(network, "image", "stem_act");

        assertThatThrownBy(() -> Splice.replace(network, "stem_act", "block0_out", part, "b."))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("FLOAT[-1, 3, 16, 16]")
                .hasMessageContaining("FLOAT[-1, 8, 8, 8]");
    }

    @Test
    void aBlockMayHandItsInputThrough() {
        GraphEditor editor = GraphEditor.create("nothing").input(new ValueInfo("x", ElementType.FLOAT, -1, 8, 8, 8));
        Graph nothing = editor.output(new ValueInfo("x", ElementType.FLOAT, -1, 8, 8, 8))
                .build();

        Graph shorter = Splice.replace(network, "stem_act", "block1_out", nothing, "b.");

        assertThat(shorter.producer("block1_out").orElseThrow().op()).isEqualTo("Identity");
        assertThat(Cost.of(shorter).macs()).isLessThan(Cost.of(network).macs());
        assertThat(Oracle.run(shorter, 2, 1).get("logits").shape()).containsExactly(2, 5);
    }

    @Test
    void aPartOfANetworkWithAFixedBatchHasADynamicOne() {
        GraphEditor editor = network.edit().clearInputs().clearOutputs();
        Graph fixed = editor.input(new ValueInfo("image", ElementType.FLOAT, 1, 3, 16, 16))
                .output(new ValueInfo("logits", ElementType.FLOAT, 1, 5))
                .build();

        Graph part = Subgraph.extract(fixed, "stem_act", "block0_out");

        assertThat(part.inputs().getFirst().shape()).containsExactly(ValueInfo.DYNAMIC, 8, 8, 8);
        assertThat(Oracle.run(part, 5, 1).get("block0_out").shape()).containsExactly(5, 8, 8, 8);
    }

    @Test
    void prefixAndSuffixAreTheWhole() {
        Graph transformer = TestNetworks.transformer(1);
        FloatTensor image = Oracle.normal(new java.util.Random(3), 2, 1, 8, 8);

        Oracle.Output middle = Oracle.run(Subgraph.prefix(transformer, "attended"), Map.of("image", image))
                .get("attended");
        FloatTensor fed = new FloatTensor(middle.floats(), middle.shape());
        Graph suffix = Subgraph.suffix(transformer, "attended");

        assertThat(Oracle.run(suffix, Map.of("attended", fed)).get("logits").floats())
                .containsExactly(Oracle.run(transformer, Map.of("image", image))
                        .get("logits")
                        .floats());
    }
}
