package dev.limbeck.tensor;

import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.global.torch;

/** Takes each element of a tensor from one of two others, at random; the same seed gives the same choices. */
public final class RandomSelection implements AutoCloseable {

    private final Generator generator;

    public RandomSelection(long seed) {
        generator = Native.generator(seed);
    }

    /**
     * @param other of the same shape
     * @param probability that an element is the other's
     */
    public Tensor select(Tensor one, Tensor other, double probability) {
        if (probability == 0) {
            return one;
        }
        return new Tensor(Native.scoped("select", () -> {
            org.bytedeco.pytorch.Tensor mask =
                    torch.empty_like(one.raw().detach()).bernoulli_(probability, new GeneratorOptional(generator));
            return one.raw().lerp(other.raw(), mask);
        }));
    }

    @Override
    public void close() {
        generator.close();
    }
}
