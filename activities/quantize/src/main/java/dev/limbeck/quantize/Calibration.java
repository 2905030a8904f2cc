package dev.limbeck.quantize;

/** How the range of an activation is chosen from what the calibration images show. */
public enum Calibration {
    /** The smallest and the largest value seen. */
    MINMAX,
    /** Cuts an equal small share of the values off at both ends. */
    PERCENTILE,
    /**
     * Least squared error between values and their quantized copies, with saturation weighted by 3: the "tf_enhanced" scheme of
     * AIMET.
     */
    SQNR,
    /** Least mean squared error between values and their quantized copies. */
    MSE,
    /** Least divergence of the values' distribution from that of their quantized copies (TensorRT's calibration). */
    ENTROPY
}
