package dev.limbeck.search;

import static java.util.Objects.requireNonNull;

import dev.limbeck.learn.Activation;
import dev.limbeck.schemas.BadInputException;
import java.math.BigDecimal;

/**
 * What one block is made of; plain data.
 *
 * @param kernel side of the spatial convolutions, odd
 * @param expansion hidden channels over incoming channels, before the width
 * @param depth number of layers; the first has the stride and the change of channels
 * @param width factor of the hidden channels, which are then rounded to a multiple of 8
 * @param heads of a transformer's attention; 0 for blocks of images
 */
public record BlockChoice(
        int kernel,
        int expansion,
        int depth,
        double width,
        Activation activation,
        Attention attention,
        LayerType layer,
        int heads) {

    public BlockChoice {
        requireNonNull(activation, "activation is null");
        requireNonNull(attention, "attention is null");
        requireNonNull(layer, "layer is null");
        if (layer != LayerType.REFERENCE) {
            check(kernel >= 1 && kernel % 2 == 1, "kernel", kernel, "an odd number");
            check(expansion >= 1, "expansion", expansion, "at least 1");
            check(depth >= 1, "depth", depth, "at least 1");
            check(width > 0 && width < 100, "width", width, "a positive factor");
            check(heads >= (layer == LayerType.TRANSFORMER ? 1 : 0), "heads", heads, "at least 1");
        }
    }

    /** A convolutional block. */
    public BlockChoice(
            int kernel,
            int expansion,
            int depth,
            double width,
            Activation activation,
            Attention attention,
            LayerType layer) {
        this(kernel, expansion, depth, width, activation, attention, layer, 0);
    }

    /** Layers of a transformer. */
    static BlockChoice transformer(int expansion, int depth, double width, int heads) {
        return new BlockChoice(
                1, expansion, depth, width, Activation.GELU, Attention.NONE, LayerType.TRANSFORMER, heads);
    }

    /** The reference's own block, unchanged: noise-to-signal ratio 0. */
    public static BlockChoice reference() {
        return new BlockChoice(0, 0, 0, 0, Activation.NONE, Attention.NONE, LayerType.REFERENCE);
    }

    /** A short name such as "depthwise-k3-e4-d2-w0.5-hardswish-se" or "transformer-h4-e2-d1-w1", unique among choices. */
    public String label() {
        if (layer == LayerType.REFERENCE) {
            return layer.label();
        }
        String factor = BigDecimal.valueOf(width).stripTrailingZeros().toPlainString();
        if (layer == LayerType.TRANSFORMER) {
            return "%s-h%d-e%d-d%d-w%s".formatted(layer.label(), heads, expansion, depth, factor);
        }
        String base =
                "%s-k%d-e%d-d%d-w%s-%s".formatted(layer.label(), kernel, expansion, depth, factor, activation.label());
        return attention == Attention.NONE ? base : base + "-" + attention.label();
    }

    private static void check(boolean holds, String name, Object value, String wanted) {
        if (!holds) {
            throw new BadInputException("space.vary." + name + ": " + value + " is not " + wanted);
        }
    }
}
