package dev.limbeck.quantize;

/** Where the zero of an integer grid lies, and which integers it uses. */
public enum Symmetry {
    /** Unsigned integers with a zero point that is fitted to the range. */
    ASYMMETRIC,
    /** Signed integers from -2^(bits-1), zero point 0. */
    SYMMETRIC,
    /** Signed integers from -(2^(bits-1) - 1), zero point 0: as many below zero as above. */
    STRICT_SYMMETRIC,
    /** Unsigned integers with zero point 0 where no value is negative; else as {@link #SYMMETRIC}. */
    UNSIGNED_SYMMETRIC
}
