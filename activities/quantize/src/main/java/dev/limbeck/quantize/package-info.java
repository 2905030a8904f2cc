/**
 * Post-training quantization of float networks: calibration, cross-layer equalization, bias correction, and writing of
 * QuantizeLinear/DequantizeLinear nodes so that ONNX Runtime runs the whole network in integer kernels.
 */
package dev.limbeck.quantize;
