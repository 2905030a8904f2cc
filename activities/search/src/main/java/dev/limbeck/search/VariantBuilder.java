package dev.limbeck.search;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Subgraph;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.learn.Activation;
import dev.limbeck.learn.BlockShape;
import dev.limbeck.learn.Layers;
import dev.limbeck.learn.MobileNetPlan;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the graph of a block's choice with random weights (He et al. 2015).
 *
 * <p>The first layer carries the stride and the change of channels; the others, and the first where shapes agree, have a shortcut.
 * The output is linear, or activated as the reference's block is, for it must mimic that.
 */
public final class VariantBuilder {

    private static final int CHANNELS_A_GROUP = 8;
    private static final double SQUEEZE = 1 / 4.0;

    private VariantBuilder() {}

    /**
     * A variant to be trained: input {@code block.from()} [N, inChannels, inHeight, inWidth], one output [N, outChannels, outHeight,
     * outWidth].
     *
     * @param choice any but the reference's own block
     */
    public static Graph build(Block block, BlockChoice choice, long seed) {
        if (choice.layer() == LayerType.REFERENCE) {
            throw new IllegalArgumentException("the reference's own block is cut out of it, not built");
        }
        GraphEditor editor = GraphEditor.create(block.name() + "." + choice.label())
                .input(new ValueInfo(
                        block.from(),
                        ElementType.FLOAT,
                        ValueInfo.DYNAMIC,
                        block.inChannels(),
                        block.inHeight(),
                        block.inWidth()));
        Layers layers = new Layers(editor, seed);
        String x = block.from();
        List<BlockShape> shapes = shapes(block, choice);
        for (int i = 0; i < shapes.size(); i++) {
            String name = "layer" + i;
            BlockShape shape = shapes.get(i);
            x = switch (choice.layer()) {
                case DEPTHWISE -> layers.invertedResidual(x, name, shape);
                case GROUPED -> layers.groupedBottleneck(x, name, shape, shape.hidden() / CHANNELS_A_GROUP);
                case PLAIN -> layers.plain(x, name, shape);
                case REFERENCE -> throw new IllegalStateException("checked above");
            };
        }
        return editor.output(new ValueInfo(
                        x,
                        ElementType.FLOAT,
                        ValueInfo.DYNAMIC,
                        block.outChannels(),
                        block.outHeight(),
                        block.outWidth()))
                .build();
    }

    /** Any choice: a variant to be trained, or the reference's own block cut out of it. */
    public static Graph build(Graph reference, Block block, BlockChoice choice, long seed) {
        return choice.layer() == LayerType.REFERENCE
                ? Subgraph.extract(reference, block.from(), block.to())
                : build(block, choice, seed);
    }

    /** The sizes of a choice's layers. */
    static List<BlockShape> shapes(Block block, BlockChoice choice) {
        List<BlockShape> shapes = new ArrayList<>();
        for (int i = 0; i < choice.depth(); i++) {
            boolean first = i == 0;
            boolean last = i == choice.depth() - 1;
            int in = first ? block.inChannels() : block.outChannels();
            int hidden = MobileNetPlan.multipleOf8(in * choice.expansion() * choice.width());
            int squeeze = choice.attention() == Attention.SE ? MobileNetPlan.multipleOf8(hidden * SQUEEZE) : 0;
            shapes.add(new BlockShape(
                    in,
                    block.outChannels(),
                    first ? block.stride() : 1,
                    choice.kernel(),
                    hidden,
                    choice.activation(),
                    squeeze,
                    last ? block.outputActivation() : Activation.NONE));
        }
        return shapes;
    }
}
