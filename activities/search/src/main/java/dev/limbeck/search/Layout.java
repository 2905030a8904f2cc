package dev.limbeck.search;

/** What the tensors between blocks hold. */
public enum Layout {
    /** [N, channels, height, width]: blocks are convolutional. */
    IMAGE,
    /** [N, tokens, width]: blocks are layers of a transformer. */
    TOKENS
}
