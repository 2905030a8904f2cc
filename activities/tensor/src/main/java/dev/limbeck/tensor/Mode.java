package dev.limbeck.tensor;

/** How a graph is run. */
public enum Mode {
    /** With gradients; batch normalization uses and updates the statistics of the batch, dropout drops. */
    TRAIN,
    /** With gradients, but every operator computes as in evaluation: batch statistics and dropout stay as they are. */
    FROZEN,
    /** Without gradients, as ONNX Runtime computes. */
    EVAL;

    boolean hasGradients() {
        return this != EVAL;
    }

    boolean updatesStatistics() {
        return this == TRAIN;
    }
}
