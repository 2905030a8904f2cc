package dev.limbeck.workers.gpu;

/** A tensor that lies in the store as little-endian floats, row-major. */
record TensorArtifact(String digest, long[] shape) {}
