package dev.limbeck.search;

import dev.limbeck.learn.Activation;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * What is varied in every block: all combinations of these. Blocks of tokens vary expansion, depth, width and heads only, and heads
 * are theirs alone.
 *
 * @param heads of a transformer's attention
 * @param keepReference whether each block may also stay as it is in the reference
 */
public record SpaceOptions(
        List<Integer> kernel,
        List<Integer> expansion,
        List<Integer> depth,
        List<Double> width,
        List<Activation> activation,
        List<Attention> attention,
        List<LayerType> layer,
        List<Integer> heads,
        boolean keepReference) {

    public SpaceOptions {
        kernel = checked("kernel", kernel);
        expansion = checked("expansion", expansion);
        depth = checked("depth", depth);
        width = checked("width", width);
        activation = checked("activation", activation);
        attention = checked("attention", attention);
        layer = checked("layer", layer);
        heads = checked("heads", heads);
        if (layer.contains(LayerType.REFERENCE) || layer.contains(LayerType.TRANSFORMER)) {
            throw new BadInputException("space.vary.layer: " + layer
                    + ": give depthwise, grouped or plain, which blocks of images are made of; "
                    + "the reference's own layers and a transformer's need no naming");
        }
    }

    /** 16 variants of small inverted residuals, and the reference's own block. */
    public static SpaceOptions defaults() {
        return new SpaceOptions(
                List.of(3, 5),
                List.of(2, 4),
                List.of(1, 2),
                List.of(1.0),
                List.of(Activation.RELU),
                List.of(Attention.NONE, Attention.SE),
                List.of(LayerType.DEPTHWISE),
                List.of(4),
                true);
    }

    /** Every combination, in a fixed order, after the reference's own block where that is kept. */
    public List<BlockChoice> combinations(Layout layout) {
        List<BlockChoice> choices = new ArrayList<>();
        if (keepReference) {
            choices.add(BlockChoice.reference());
        }
        choices.addAll(layout == Layout.IMAGE ? convolutional() : transformers());
        return choices;
    }

    private List<BlockChoice> transformers() {
        List<BlockChoice> choices = new ArrayList<>();
        for (double w : width) {
            for (int d : depth) {
                for (int e : expansion) {
                    for (int h : heads) {
                        choices.add(BlockChoice.transformer(e, d, w, h));
                    }
                }
            }
        }
        return choices;
    }

    private List<BlockChoice> convolutional() {
        List<BlockChoice> choices = new ArrayList<>();
        for (LayerType l : layer) {
            for (Activation a : activation) {
                for (Attention t : attention) {
                    for (double w : width) {
                        for (int d : depth) {
                            for (int e : expansion) {
                                for (int k : kernel) {
                                    choices.add(new BlockChoice(k, e, d, w, a, t, l));
                                }
                            }
                        }
                    }
                }
            }
        }
        return choices;
    }

    private static <T> List<T> checked(String name, List<T> values) {
        if (values.isEmpty()) {
            throw new BadInputException("space.vary." + name + " is empty; give at least one value");
        }
        return values.stream().distinct().toList();
    }
}
