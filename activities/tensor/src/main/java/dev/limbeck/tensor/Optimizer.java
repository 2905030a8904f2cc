package dev.limbeck.tensor;

import dev.limbeck.graph.FloatTensor;
import java.util.Map;

/** Changes parameters along their gradients. */
public sealed interface Optimizer extends AutoCloseable permits ParameterOptimizer {

    /** One step; parameters without a gradient stay as they are. */
    void step(double learningRate);

    /** Forgets the gradients; call it before each backward pass. */
    void zeroGradients();

    /** Everything that the next step depends on beside the parameters, copied. */
    Map<String, FloatTensor> state();

    /** Puts back what {@link #state()} returned. */
    void restore(Map<String, FloatTensor> saved);

    @Override
    void close();
}
