package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Activation;
import dev.limbeck.learn.ImageInput;
import dev.limbeck.learn.Networks;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AssemblerTest {

    private static FloatTensor run(Graph graph, FloatTensor input) {
        try (Session session = Session.open(graph, SessionOptions.defaults())) {
            return session.run(input);
        }
    }

    static Stream<BlockChoice> choices() {
        return new SpaceOptions(
                        List.of(3, 5),
                        List.of(1, 4),
                        List.of(1, 3),
                        List.of(0.5),
                        List.of(Activation.RELU6, Activation.SILU),
                        List.of(Attention.NONE, Attention.SE),
                        List.of(LayerType.DEPTHWISE, LayerType.GROUPED, LayerType.PLAIN),
                        List.of(4),
                        false)
                .combinations(Layout.IMAGE).stream();
    }

    @ParameterizedTest
    @MethodSource("choices")
    void everyVariantRunsAndHasTheBlocksShape(BlockChoice choice) {
        Block block = new Block("b", "in", "out", 12, 20, 2, 7, 7, 4, 4, Activation.NONE);

        FloatTensor output = run(VariantBuilder.build(block, choice, 1), References.images(2, 12, 7, 7));

        assertThat(output.shape()).containsExactly(2, 20, 4, 4);
        assertThat(output.data()[0]).isFinite();
    }

    @Test
    void assembledNetworksHaveTheReferencesOutputShape() {
        Graph reference = References.small(1);
        SearchSpace space = SearchSpace.of(BlockFinder.find(reference), SpaceOptions.defaults());
        FloatTensor images = References.images(3, 1, 28, 28);
        SpaceProfile profile = SpaceProfile.of(reference, space);

        for (int i : new int[] {1, 7, 16}) {
            Architecture architecture = new Architecture(List.of(i, 0, i));
            List<Graph> variants = new ArrayList<>();
            for (int b = 0; b < 3; b++) {
                variants.add(VariantBuilder.build(
                        reference,
                        space.blocks().get(b),
                        architecture.pick(space.choices()).get(b),
                        10 + b));
            }
            Graph network = Assembler.assemble(reference, space.blocks(), variants);

            assertThat(run(network, images).shape()).containsExactly(3, 10);
            assertThat(network.metadata()).containsAllEntriesOf(reference.metadata());
            assertThat(Cost.of(network)).isEqualTo(profile.cost(architecture));
            assertThat(network.digest())
                    .isEqualTo(Assembler.assemble(reference, space.blocks(), variants)
                            .digest());
        }
    }

    static Stream<Graph> references() {
        ImageInput image = new ImageInput(1, 28, 0.5f, 0.5f);
        return Stream.of(
                References.small(2),
                Networks.mobileNetV2(image, 10, 0.25, Activation.RELU6, 2),
                Networks.resNet(image, 10, new int[] {8, 16}, new int[] {2, 2}, 2),
                Networks.viT(image, 10, 7, 16, 2, 2, 2));
    }

    @ParameterizedTest
    @MethodSource("references")
    void theReferencesOwnBlocksGiveItsFunction(Graph reference) {
        List<Block> blocks = BlockFinder.find(reference);
        FloatTensor images = References.images(4, 1, 28, 28);
        List<Graph> own = blocks.stream()
                .map(b -> VariantBuilder.build(reference, b, BlockChoice.reference(), 0))
                .toList();

        FloatTensor expected = run(reference, images);
        FloatTensor actual = run(Assembler.assemble(reference, blocks, own), images);

        assertThat(actual.data()).containsExactly(expected.data(), within(1e-5f));
        assertThat(expected.data()[0]).isNotEqualTo(expected.data()[11]);
    }

    @Test
    void transformersVaryExpansionDepthWidthAndHeads() {
        Graph reference = Networks.viT(new ImageInput(1, 28, 0.5f, 0.5f), 10, 7, 16, 2, 2, 2);
        SpaceOptions options = new SpaceOptions(
                List.of(3, 5),
                List.of(1, 4),
                List.of(1, 2),
                List.of(0.5, 1.0),
                List.of(Activation.RELU),
                List.of(Attention.NONE, Attention.SE),
                List.of(LayerType.DEPTHWISE),
                List.of(2, 3),
                false);
        SearchSpace space = SearchSpace.of(BlockFinder.find(reference), options);

        assertThat(space.cardinalities()).containsExactly(16, 16);
        assertThat(space.choices().getFirst())
                .extracting(BlockChoice::label)
                .startsWith("transformer-h2-e1-d1-w0.5", "transformer-h3-e1-d1-w0.5", "transformer-h2-e4-d1-w0.5")
                .doesNotHaveDuplicates();
        FloatTensor images = References.images(3, 1, 28, 28);
        for (BlockChoice choice : space.choices().getFirst()) {
            List<Graph> variants = space.blocks().stream()
                    .map(block -> VariantBuilder.build(block, choice, 1))
                    .toList();
            assertThat(run(Assembler.assemble(reference, space.blocks(), variants), images)
                            .shape())
                    .as(choice.label())
                    .containsExactly(3, 10);
        }
        SpaceProfile profile = SpaceProfile.of(reference, space);
        assertThat(profile.macs().most()).isGreaterThan(2 * profile.macs().least());
    }

    @Test
    void sameSeedSameVariantAndAnotherSeedAnother() {
        Block block = new Block("b", "in", "out", 8, 16, 2, 14, 14, 7, 7, Activation.RELU);
        BlockChoice choice = new BlockChoice(3, 2, 2, 1.0, Activation.HARDSWISH, Attention.SE, LayerType.DEPTHWISE);

        Graph once = VariantBuilder.build(block, choice, 5);

        assertThat(VariantBuilder.build(block, choice, 5)).isEqualTo(once);
        assertThat(VariantBuilder.build(block, choice, 6)).isNotEqualTo(once);
        FloatTensor output = run(once, References.images(1, 8, 14, 14));
        // The reference's block ends with a ReLU, so the variant does.
        for (float value : output.data()) {
            assertThat(value).isNotNegative();
        }
    }

    @Test
    void refusesVariantsForOtherBlocks() {
        Graph reference = References.small(1);
        assertThatThrownBy(() -> Assembler.assemble(reference, BlockFinder.find(reference), List.of()))
                .hasMessageContaining("3 blocks and 0 variants");
    }
}
