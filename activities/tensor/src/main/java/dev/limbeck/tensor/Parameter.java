package dev.limbeck.tensor;

/**
 * A weight that training changes.
 *
 * @param name of the initializer in the graph
 * @param decay whether weight decay applies: true for weights of convolutions and matrices, false for biases and normalization
 */
public record Parameter(String name, Tensor tensor, boolean decay) {}
