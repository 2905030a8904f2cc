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
    /** The reference's own block, as it is; kernel, expansion and the others mean nothing then. */
    REFERENCE;

    /** The name in specs: lower case. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws dev.limbeck.schemas.BadInputException if there is none of this name */
    public static LayerType named(String label) {
        return Labels.find(values(), LayerType::label, label, "layer type");
    }
}
