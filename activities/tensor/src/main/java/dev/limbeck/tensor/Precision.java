package dev.limbeck.tensor;

/** In what convolutions and matrix products are computed. */
public enum Precision {
    FLOAT32,
    /**
     * Mixed precision (Micikevicius et al. 2018) in bfloat16, whose range is that of float32, so that losses need no scaling: what gains
     * by it is computed in 16 bits, what needs its digits in 32; weights, their gradients, statistics and losses stay in 32.
     */
    BFLOAT16
}
