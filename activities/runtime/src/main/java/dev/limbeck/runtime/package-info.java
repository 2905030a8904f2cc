/** Running graphs without gradients, in ONNX Runtime: batched evaluation, activations, the graph as the runtime optimizes it. */
package dev.limbeck.runtime;
