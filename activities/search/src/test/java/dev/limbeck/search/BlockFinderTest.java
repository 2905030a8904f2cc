package dev.limbeck.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.Cuts;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.learn.Activation;
import dev.limbeck.learn.ImageInput;
import dev.limbeck.learn.Networks;
import dev.limbeck.schemas.BadInputException;
import java.util.List;
import org.junit.jupiter.api.Test;

class BlockFinderTest {

    private static final ImageInput IMAGE = new ImageInput(1, 28, 0.5f, 0.5f);

    private static Graph mobileNetV3() {
        return References.small(1);
    }

    private static List<String> ends(List<Block> blocks) {
        return blocks.stream().map(Block::to).toList();
    }

    @Test
    void findsTheStagesOfAMobileNetV3() {
        List<Block> blocks = BlockFinder.find(mobileNetV3());

        assertThat(blocks).extracting(Block::name).containsExactly("block1", "block2", "block3");
        assertThat(blocks.getFirst().from()).isEqualTo("stem.hardswish");
        assertThat(ends(blocks)).containsExactly("stage0.layer1.add", "stage1.layer1.add", "stage2.layer1.add");
        assertThat(blocks).extracting(Block::inChannels).containsExactly(8, 8, 16);
        assertThat(blocks).extracting(Block::outChannels).containsExactly(8, 16, 24);
        assertThat(blocks).extracting(Block::stride).containsExactly(1, 2, 2);
        assertThat(blocks).extracting(Block::outHeight).containsExactly(28, 14, 7);
        assertThat(blocks).extracting(Block::outputActivation).containsOnly(Activation.NONE);
    }

    @Test
    void blocksFollowOnOneAnother() {
        List<Block> blocks = BlockFinder.find(mobileNetV3());

        for (int i = 1; i < blocks.size(); i++) {
            assertThat(blocks.get(i).from()).isEqualTo(blocks.get(i - 1).to());
        }
    }

    @Test
    void findsTheStagesOfAMobileNetV2WhoseFirstAndLastHaveNoResidual() {
        List<Block> blocks = BlockFinder.find(Networks.mobileNetV2(IMAGE, 10, 0.25, Activation.RELU6, 1));

        assertThat(blocks.getFirst().from()).isEqualTo("stem.relu6");
        assertThat(ends(blocks))
                .containsExactly(
                        "stage1.layer1.add",
                        "stage2.layer2.add",
                        "stage3.layer3.add",
                        "stage4.layer2.add",
                        "stage5.layer2.add");
        assertThat(blocks).extracting(Block::stride).containsExactly(1, 2, 2, 1, 2);
    }

    @Test
    void blocksOfAResNetEndAfterTheirActivation() {
        List<Block> blocks =
                BlockFinder.find(Networks.resNet(IMAGE, 10, new int[] {8, 16, 24}, new int[] {2, 2, 2}, 1));

        assertThat(blocks.getFirst().from()).isEqualTo("stem.relu");
        assertThat(ends(blocks))
                .containsExactly("stage0.layer1.out.relu", "stage1.layer1.out.relu", "stage2.layer1.out.relu");
        assertThat(blocks).extracting(Block::outputActivation).containsOnly(Activation.RELU);
        assertThat(blocks).extracting(Block::stride).containsExactly(1, 2, 2);
    }

    @Test
    void saysWhatToDoWhereThereAreNone() {
        Graph plain = Networks.mobileNetV3Like(
                IMAGE, 10, 8, new int[] {8, 16}, new int[] {2, 2}, 1, 3, 2, Activation.RELU, false, 32, 1);
        // The first stage of a MobileNet has no shortcut where its stride is 2, and depth 1 has no other layer.
        assertThatThrownBy(() -> BlockFinder.find(plain))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("space.blocks: [{from: TENSOR, to: TENSOR}")
                .hasMessageContaining("stem.relu");
    }

    @Test
    void cutsATransformerIntoFourBlocksOfWholeLayers() {
        List<Block> blocks = BlockFinder.find(Networks.viT(IMAGE, 10, 4, 16, 6, 2, 1));

        assertThat(blocks.getFirst().from()).isEqualTo("embed.positioned");
        assertThat(ends(blocks)).containsExactly("block1.out", "block3.out", "block5.out");
        assertThat(blocks).allSatisfy(block -> {
            assertThat(block.layout()).isEqualTo(Layout.TOKENS);
            assertThat(block.input("x").shape()).containsExactly(ValueInfo.DYNAMIC, 49, 16);
            assertThat(block.output("y").shape()).containsExactly(ValueInfo.DYNAMIC, 49, 16);
        });
        assertThat(ends(BlockFinder.find(Networks.viT(IMAGE, 10, 4, 16, 3, 2, 1))))
                .hasSize(3);
    }

    @Test
    void refusesABlockThatBeginsWithAnImageAndEndsWithTokens() {
        Graph transformer = Networks.viT(IMAGE, 10, 4, 16, 2, 2, 1);

        assertThatThrownBy(() -> BlockFinder.named(transformer, List.of(new BlockFinder.Named("embed", "block0.out"))))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'block0.out' has the shape [1, 49, 16]")
                .hasMessageContaining("layers of a transformer between tokens of the same shape");
    }

    @Test
    void takesTheBlocksThatTheUserNames() {
        Graph reference = mobileNetV3();
        List<Block> found = BlockFinder.find(reference);

        List<Block> named = BlockFinder.named(
                reference,
                List.of(
                        new BlockFinder.Named(found.get(0).from(), found.get(0).to()),
                        new BlockFinder.Named(found.get(2).from(), found.get(2).to())));

        assertThat(named.get(0)).isEqualTo(found.get(0));
        assertThat(named.get(1).stride()).isEqualTo(2);
    }

    @Test
    void saysWhichNamesAreNearWhereOneIsUnknown() {
        assertThatThrownBy(() -> BlockFinder.named(
                        mobileNetV3(), List.of(new BlockFinder.Named("stem.hardswich", "stage0.layer1.add"))))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("no tensor 'stem.hardswich'")
                .hasMessageContaining("stem.hardswish");
    }

    @Test
    void refusesTensorsThatDoNotCutAndBlocksOutOfOrder() {
        Graph reference = mobileNetV3();
        String inside = reference.nodes().stream()
                .map(n -> n.output(0))
                .filter(t ->
                        t.startsWith("stage0.layer1") && !Cuts.find(reference).contains(t))
                .findFirst()
                .orElseThrow();

        assertThatThrownBy(() -> BlockFinder.named(reference, List.of(new BlockFinder.Named("stem.hardswish", inside))))
                .hasMessageContaining("does not cut the network");
        assertThatThrownBy(() -> BlockFinder.named(
                        reference, List.of(new BlockFinder.Named("stage0.layer1.add", "stem.hardswish"))))
                .hasMessageContaining("does not come before");
        assertThatThrownBy(() -> BlockFinder.named(
                        reference,
                        List.of(
                                new BlockFinder.Named("stem.hardswish", "stage1.layer1.add"),
                                new BlockFinder.Named("stage0.layer1.add", "stage2.layer1.add"))))
                .hasMessageContaining("overlap");
    }
}
