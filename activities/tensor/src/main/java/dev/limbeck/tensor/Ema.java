package dev.limbeck.tensor;

import dev.limbeck.graph.FloatTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;

/**
 * Exponential moving average of the weights and statistics of an executor: average = decay * average + (1 - decay) * present.
 *
 * <p>It starts at the weights that the executor has when this is made.
 */
public final class Ema implements AutoCloseable {

    private final Map<String, Tensor> present;
    private final Map<String, Tensor> averages = new LinkedHashMap<>();
    private final double decay;

    public Ema(GraphExecutor executor, double decay) {
        if (decay < 0 || decay >= 1) {
            throw new IllegalArgumentException("decay must be in [0, 1), not " + decay);
        }
        this.decay = decay;
        this.present = executor.tensors();
        present.forEach((name, tensor) -> averages.put(
                name, new Tensor(Native.owned(() -> tensor.raw().detach().clone()))));
    }

    /** Takes the present weights into the average; call it after each step. */
    public void update() {
        Native.run("ema", () -> {
            try (NoGradGuard guard = new NoGradGuard()) {
                Scalar share = new Scalar(1 - decay);
                averages.forEach(
                        (name, average) -> average.raw().lerp_(present.get(name).raw(), share));
            }
        });
    }

    /** The averages, copied; {@link GraphExecutor#restore} takes them. */
    public Map<String, FloatTensor> state() {
        Map<String, FloatTensor> copy = new LinkedHashMap<>();
        averages.forEach((name, tensor) -> copy.put(name, tensor.toFloatTensor()));
        return copy;
    }

    /** Puts back what {@link #state()} returned. */
    public void restore(Map<String, FloatTensor> saved) {
        averages.forEach((name, tensor) -> tensor.set(saved.get(name)));
    }

    @Override
    public void close() {
        averages.values().forEach(Tensor::close);
    }
}
