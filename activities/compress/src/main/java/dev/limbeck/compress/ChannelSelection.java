package dev.limbeck.compress;

/** By what channels are chosen to stay. */
public enum ChannelSelection {
    /** Those that the readers' outputs can be made of best, by LASSO (He et al. 2017, eq. 2). */
    LASSO,
    /** Those whose weights in the readers have the largest sum of squares, as AIMET does it. */
    MAGNITUDE
}
