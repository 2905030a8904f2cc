package dev.limbeck.search;

import static java.util.Objects.requireNonNull;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.learn.Activation;

/**
 * A part of the reference between two tensors, each of which alone cuts it in two; plain data. Tensors are [N, channels, height,
 * width], or [N, tokens, width of a token]: then tokens are the height, their width is the channels, and the width is 1.
 *
 * @param from the tensor that comes in
 * @param to the tensor that goes out
 * @param layout of both tensors
 * @param stride by which a block divides height and width, rounding up
 * @param outputActivation what the block ends with; {@link Activation#NONE} for a linear output
 */
public record Block(
        String name,
        String from,
        String to,
        Layout layout,
        int inChannels,
        int outChannels,
        int stride,
        int inHeight,
        int inWidth,
        int outHeight,
        int outWidth,
        Activation outputActivation) {

    public Block {
        requireNonNull(name, "name is null");
        requireNonNull(from, "from is null");
        requireNonNull(to, "to is null");
        requireNonNull(layout, "layout is null");
        requireNonNull(outputActivation, "outputActivation is null");
        if (Math.ceilDiv(inHeight, stride) != outHeight || Math.ceilDiv(inWidth, stride) != outWidth) {
            throw new IllegalArgumentException("block " + name + " of stride " + stride + " does not map " + inHeight
                    + " x " + inWidth + " to " + outHeight + " x " + outWidth);
        }
    }

    /** A block of images. */
    public Block(
            String name,
            String from,
            String to,
            int inChannels,
            int outChannels,
            int stride,
            int inHeight,
            int inWidth,
            int outHeight,
            int outWidth,
            Activation outputActivation) {
        this(
                name,
                from,
                to,
                Layout.IMAGE,
                inChannels,
                outChannels,
                stride,
                inHeight,
                inWidth,
                outHeight,
                outWidth,
                outputActivation);
    }

    /** A block of tokens, which keeps their number and width. */
    static Block ofTokens(String name, String from, String to, int tokens, int width) {
        return new Block(name, from, to, Layout.TOKENS, width, width, 1, tokens, 1, tokens, 1, Activation.NONE);
    }

    /** What comes in, its batch dynamic. */
    public ValueInfo input(String tensor) {
        return info(tensor, inChannels, inHeight, inWidth);
    }

    /** What goes out, its batch dynamic. */
    public ValueInfo output(String tensor) {
        return info(tensor, outChannels, outHeight, outWidth);
    }

    private ValueInfo info(String tensor, long channels, long height, long width) {
        return layout == Layout.IMAGE
                ? new ValueInfo(tensor, ElementType.FLOAT, ValueInfo.DYNAMIC, channels, height, width)
                : new ValueInfo(tensor, ElementType.FLOAT, ValueInfo.DYNAMIC, height, channels);
    }
}
