package dev.limbeck.search;

import java.util.Locale;

/** What the layers of a block are made of. */
public enum LayerType {
    /** Inverted residual: 1x1, depthwise, 1x1 (Sandler et al. 2018). */
    DEPTHWISE,
    /** Bottleneck with a grouped convolution of 8 channels a group: 1x1, grouped, 1x1. */
    GROUPED,
    /** A full convolution, then 1x1. */
    PLAIN,
    /** Attention and a multilayer perceptron (Vaswani et al. 2017): what blocks of tokens are made of. */
    TRANSFORMER,
    /** The reference's own block, as it is; kernel, expansion and the others mean nothing then. */
    REFERENCE;

    /** The name in specs: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * One that blocks of images may be varied by.
     *
     * @throws dev.limbeck.schemas.BadInputException if there is none of this name
     */
    public static LayerType named(String label) {
        return Labels.find(new LayerType[] {DEPTHWISE, GROUPED, PLAIN}, LayerType::label, label, "layer type");
    }
}
