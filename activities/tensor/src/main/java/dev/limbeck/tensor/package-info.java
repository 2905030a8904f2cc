/**
 * Tensors, autograd, optimizers and the graph executor over libtorch: the only code that sees JavaCPP.
 *
 * <p>Start at {@link dev.limbeck.tensor.GraphExecutor}: it runs an ONNX graph with gradients. Every step of a loop belongs in a
 * {@link dev.limbeck.tensor.TensorScope}, which frees the native memory of that step.
 *
 * <p>A process that trains should be started with {@code MALLOC_ARENA_MAX=1 MALLOC_MMAP_MAX_=0
 * MALLOC_TRIM_THRESHOLD_=17179869184} in its environment. glibc then keeps the memory of one step for the next, instead of
 * giving it back to the system and having each page faulted in again: 10 to 25 % less processor time a step, the more the larger
 * the activations. Resident memory stays at its peak.
 */
package dev.limbeck.tensor;
