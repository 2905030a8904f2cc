package dev.limbeck.tensor;

import org.bytedeco.javacpp.PointerScope;

/**
 * Frees every tensor that its thread makes while it is open.
 *
 * <p>Scopes nest. One scope round each step of a loop keeps native memory flat:
 *
 * <pre>{@code
 * try (TensorScope scope = TensorScope.open()) {
 *     Tensor loss = Losses.crossEntropy(executor.forward(batch, Mode.TRAIN), labels, 0);
 *     loss.backward();
 *     optimizer.step(rate);
 * }
 * }</pre>
 */
public final class TensorScope implements AutoCloseable {

    private final PointerScope scope = new PointerScope();

    private TensorScope() {}

    /** Opens a scope of the calling thread; close it in the same thread. */
    public static TensorScope open() {
        return new TensorScope();
    }

    /** Lets a tensor outlive this scope; whoever keeps it closes it. @return the same tensor */
    public Tensor keep(Tensor tensor) {
        return tensor.keep();
    }

    @Override
    public void close() {
        scope.close();
    }
}
