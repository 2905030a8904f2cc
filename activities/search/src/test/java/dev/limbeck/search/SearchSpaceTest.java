package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Activation;
import dev.limbeck.schemas.BadInputException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SearchSpaceTest {

    private static Block block(String name) {
        return new Block(name, "in", "out", 32, 32, 1, 14, 14, 14, 14, Activation.NONE);
    }

    /** The ImageNet space of DONNA; swish with squeeze-and-excitation and ReLU without are its only two pairs. */
    private static SpaceOptions donna(Activation activation, Attention attention) {
        return new SpaceOptions(
                List.of(3, 5, 7),
                List.of(2, 3, 4, 6),
                List.of(1, 2, 3, 4),
                List.of(0.5, 1.0),
                List.of(activation),
                List.of(attention),
                List.of(LayerType.GROUPED, LayerType.DEPTHWISE),
                List.of(4),
                false);
    }

    @Test
    void donnasSpaceHas384ChoicesABlock() {
        List<BlockChoice> choices =
                new ArrayList<>(donna(Activation.RELU, Attention.NONE).combinations(Layout.IMAGE));
        choices.addAll(donna(Activation.SILU, Attention.SE).combinations(Layout.IMAGE));
        SearchSpace space = new SearchSpace(
                List.of(block("1"), block("2"), block("3"), block("4"), block("5")), Collections.nCopies(5, choices));

        assertThat(choices).hasSize(384).doesNotHaveDuplicates();
        assertThat(choices.stream().map(BlockChoice::label)).doesNotHaveDuplicates();
        assertThat(space.variants()).isEqualTo(1920);
        assertThat(space.architectures()).isEqualTo(BigInteger.valueOf(384).pow(5));
    }

    @Test
    void choicesThatMakeTheSameLayersAreKeptOnce() {
        SearchSpace space = SearchSpace.of(List.of(block("1")), donna(Activation.RELU, Attention.NONE));

        // Of 4 expansions x 2 widths, 4 at half width is 2, and 6 at half width is 3: 6 of 8 remain.
        assertThat(space.variants()).isEqualTo(192 * 6 / 8);
        assertThat(space.trainedVariants()).isEqualTo(space.variants());
    }

    @Test
    void defaultsOfferTheReferencesOwnBlockToo() {
        SearchSpace space = SearchSpace.of(List.of(block("1"), block("2")), SpaceOptions.defaults());

        assertThat(space.choices().getFirst().getFirst()).isEqualTo(BlockChoice.reference());
        assertThat(space.cardinalities()).containsExactly(17, 17);
        assertThat(space.trainedVariants()).isEqualTo(32);
        assertThat(new Architecture(List.of(0, 1)).labels(space))
                .containsExactly("reference", "depthwise-k3-e2-d1-w1-relu");
    }

    @Test
    void isPlainData() throws Exception {
        SearchSpace space = SearchSpace.of(List.of(block("1"), block("2")), SpaceOptions.defaults());
        ObjectMapper json = new ObjectMapper();

        assertThat(json.readValue(json.writeValueAsString(space), SearchSpace.class))
                .isEqualTo(space);
    }

    @Test
    void wrongValuesAreNamed() {
        assertThatThrownBy(() -> new BlockChoice(4, 2, 1, 1, Activation.RELU, Attention.NONE, LayerType.PLAIN))
                .isInstanceOf(BadInputException.class)
                .hasMessage("space.vary.kernel: 4 is not an odd number");
        assertThatThrownBy(() -> LayerType.named("depthwize")).hasMessageContaining("depthwise, grouped, plain");
        assertThatThrownBy(() -> new SpaceOptions(
                        List.of(),
                        List.of(1),
                        List.of(1),
                        List.of(1.0),
                        List.of(Activation.RELU),
                        List.of(Attention.NONE),
                        List.of(LayerType.PLAIN),
                        List.of(4),
                        true))
                .hasMessageContaining("space.vary.kernel is empty");
    }

    @Test
    void profileHasTheExactRangeOfCosts() {
        Graph reference = References.small(1);
        SearchSpace space = SearchSpace.of(BlockFinder.find(reference), SpaceOptions.defaults());
        SpaceProfile profile = SpaceProfile.of(reference, space);

        assertThat(profile.variants()).isEqualTo(51);
        assertThat(profile.architectures()).isEqualTo(BigInteger.valueOf(17).pow(3));
        assertThat(profile.cost(new Architecture(List.of(0, 0, 0)))).isEqualTo(Cost.of(reference));
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int a = 0; a < 17; a++) {
            for (int b = 0; b < 17; b++) {
                for (int c = 0; c < 17; c++) {
                    long macs = profile.cost(new Architecture(List.of(a, b, c))).macs();
                    least = Math.min(least, macs);
                    most = Math.max(most, macs);
                }
            }
        }
        assertThat(profile.macs()).isEqualTo(new SpaceProfile.Range(least, most));
        assertThat(profile.parameters().least())
                .isPositive()
                .isLessThan(profile.reference().parameters());
    }

    @Test
    void latencyIsTheSumOfItsParts() {
        LatencyTable table =
                LatencyTable.of(1.0, List.of(0.3, 0.4), List.of(List.of(0.3, 0.1, 0.5), List.of(0.2, 0.4)));

        assertThat(table.fixedMillis()).isCloseTo(0.3, within(1e-12));
        assertThat(table.estimate(new Architecture(List.of(0, 1)))).isCloseTo(1.0, within(1e-12));
        assertThat(table.fastest().choices()).containsExactly(1, 0);
        assertThat(table.fastestMillis()).isCloseTo(0.6, within(1e-12));
        assertThat(table.slowestMillis()).isCloseTo(1.2, within(1e-12));
        assertThat(table.canMeet(0.61)).isTrue();
        assertThat(table.canMeet(0.59)).isFalse();
    }
}
