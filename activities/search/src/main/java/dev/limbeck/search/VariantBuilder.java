package dev.limbeck.search;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Subgraph;
import dev.limbeck.learn.Activation;
import dev.limbeck.learn.BlockShape;
import dev.limbeck.learn.Layers;
import dev.limbeck.learn.MobileNetPlan;
import dev.limbeck.learn.TransformerLayers;
import dev.limbeck.learn.TransformerShape;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds the graph of a block's choice with random weights (He et al. 2015).
 *
 * <p>Of convolutional blocks the first layer carries the stride and the change of channels; the others, and the first where shapes agree, have a shortcut.
 * Their output is linear, or activated as the reference's block is, for it must mimic that.
 */
public final class VariantBuilder {

    private static final int CHANNELS_A_GROUP = 8;
    private static final double SQUEEZE = 1 / 4.0;

    private VariantBuilder() {}

    /**
     * A variant to be trained: input {@code block.from()}, one output, both shaped as the block's.
     *
     * @param choice any but the reference's own block
     */
    public static Graph build(Block block, BlockChoice choice, long seed) {
        if (choice.layer() == LayerType.REFERENCE) {
            throw new IllegalArgumentException("the reference's own block is cut out of it, not built");
        }
        GraphEditor editor =
                GraphEditor.create(block.name() + "." + choice.label()).input(block.input(block.from()));
        Layers layers = new Layers(editor, seed);
        String x = choice.layer() == LayerType.TRANSFORMER
                ? transformer(block, choice, layers)
                : convolutional(block, choice, layers);
        return editor.output(block.output(x)).build();
    }

    private static String transformer(Block block, BlockChoice choice, Layers layers) {
        TransformerLayers transformer = new TransformerLayers(layers);
        String x = block.from();
        for (int i = 0; i < choice.depth(); i++) {
            x = transformer.layer(x, "layer" + i, transformerShape(block, choice));
        }
        return x;
    }

    private static String convolutional(Block block, BlockChoice choice, Layers layers) {
        String x = block.from();
        List<BlockShape> shapes = shapes(block, choice);
        for (int i = 0; i < shapes.size(); i++) {
            String name = "layer" + i;
            BlockShape shape = shapes.get(i);
            x = switch (choice.layer()) {
                case DEPTHWISE -> layers.invertedResidual(x, name, shape);
                case GROUPED -> layers.groupedBottleneck(x, name, shape, shape.hidden() / CHANNELS_A_GROUP);
                case PLAIN -> layers.plain(x, name, shape);
                case TRANSFORMER, REFERENCE -> throw new IllegalStateException("not convolutional: " + choice.layer());
            };
        }
        return x;
    }

    /** Any choice: a variant to be trained, or the reference's own block cut out of it. */
    public static Graph build(Graph reference, Block block, BlockChoice choice, long seed) {
        return choice.layer() == LayerType.REFERENCE
                ? Subgraph.extract(reference, block.from(), block.to())
                : build(block, choice, seed);
    }

    /** What tells two choices of a block apart, whatever they are called. */
    static Object make(Block block, BlockChoice choice) {
        return switch (choice.layer()) {
            case REFERENCE -> choice;
            case TRANSFORMER -> List.of(transformerShape(block, choice), choice.depth());
            case DEPTHWISE, GROUPED, PLAIN -> List.of(shapes(block, choice), choice.layer());
        };
    }

    /** The sizes of each of a choice's layers; the heads divide what the width makes of the attention. */
    private static TransformerShape transformerShape(Block block, BlockChoice choice) {
        int width = block.inChannels();
        int perHead = Math.max(1, (int) Math.rint(width * choice.width() / choice.heads()));
        return new TransformerShape(
                width,
                choice.heads(),
                perHead * choice.heads(),
                MobileNetPlan.multipleOf8(width * choice.expansion() * choice.width()));
    }

    /** The sizes of a choice's convolutional layers. */
    private static List<BlockShape> shapes(Block block, BlockChoice choice) {
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
