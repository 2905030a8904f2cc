/**
 * Makes trained networks smaller: weights of convolutions and matrix products are replaced by products of low rank (spatial and weight
 * SVD), or channels are taken out and the next layers fitted to what is left. What comes out is an ordinary ONNX network.
 */
package dev.limbeck.compress;
