/**
 * Tensors, autograd, optimizers and the graph executor over libtorch: the only code that sees JavaCPP.
 *
 * <p>Start at {@link dev.limbeck.tensor.GraphExecutor}: it runs an ONNX graph with gradients. Every step of a loop belongs in a
 * {@link dev.limbeck.tensor.TensorScope}, which frees the native memory of that step.
 */
package dev.limbeck.tensor;
