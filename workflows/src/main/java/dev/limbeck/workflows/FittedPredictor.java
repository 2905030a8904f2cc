package dev.limbeck.workflows;

/** The accuracy predictor. @param digest of an artifact with its coefficients and its report */
public record FittedPredictor(String digest, double kendallTau, double rmse, Timing timing) {}
