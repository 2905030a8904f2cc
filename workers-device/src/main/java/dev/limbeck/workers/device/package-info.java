/** The process on a device: measures networks with ONNX Runtime, one task at a time. */
package dev.limbeck.workers.device;
