package dev.limbeck.search;

import static java.util.Objects.requireNonNull;

import dev.limbeck.learn.Activation;

/**
 * A part of the reference between two tensors, each of which alone cuts it in two; plain data. Tensors are [N, channels, height,
 * width].
 *
 * @param from the tensor that comes in
 * @param to the tensor that goes out
 * @param stride by which a block divides height and width, rounding up
 * @param outputActivation what the block ends with; {@link Activation#NONE} for a linear output
 */
public record Block(
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

    public Block {
        requireNonNull(name, "name is null");
        requireNonNull(from, "from is null");
        requireNonNull(to, "to is null");
        requireNonNull(outputActivation, "outputActivation is null");
        if (Math.ceilDiv(inHeight, stride) != outHeight || Math.ceilDiv(inWidth, stride) != outWidth) {
            throw new IllegalArgumentException("block " + name + " of stride " + stride + " does not map " + inHeight
                    + " x " + inWidth + " to " + outHeight + " x " + outWidth);
        }
    }
}
