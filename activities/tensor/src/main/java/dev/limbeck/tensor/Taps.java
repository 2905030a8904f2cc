package dev.limbeck.tensor;

/**
 * Sees, and may replace, what flows through a running graph; for quantization simulation and for recording activations.
 *
 * <p>A tap returns the tensor that it was given, or another of the same shape. To keep a tensor beyond the run, take
 * {@code tensor.alias().keep()} and close it later.
 */
public interface Taps {

    /** Changes nothing. */
    Taps NONE = new Taps() {};

    /** Called once a run for every parameter, before it is used. */
    default Tensor weight(String name, Tensor value) {
        return value;
    }

    /** Called for every input of the graph and every output of a node, after it is computed. */
    default Tensor activation(String tensor, Tensor value) {
        return value;
    }
}
