package dev.limbeck.tensor;

import java.util.Random;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Takes each element of a tensor from one of two others, at random; the same seed gives the same choices.
 *
 * <p>Choices are read from a random place of a large table that is drawn once: drawing them anew takes longer than most operators.
 */
public final class RandomSelection implements AutoCloseable {

    private static final int TABLE = 1 << 22;

    private final double probability;
    private final Generator generator;
    private final org.bytedeco.pytorch.Tensor table;
    private final Random random;

    /** @param probability that an element is the other's */
    public RandomSelection(double probability, long seed) {
        this.probability = probability;
        this.generator = Native.generator(Device.CPU, seed);
        this.table = Native.owned(() -> draw(torch.empty(TABLE)));
        this.random = new Random(seed);
    }

    private org.bytedeco.pytorch.Tensor draw(org.bytedeco.pytorch.Tensor mask) {
        return mask.bernoulli_(probability, new GeneratorOptional(generator));
    }

    /** @param other of the same shape */
    public Tensor select(Tensor one, Tensor other) {
        return new Tensor(Native.scoped("select", () -> {
            org.bytedeco.pytorch.Tensor plain = one.raw().detach();
            int elements = Math.toIntExact(plain.numel());
            org.bytedeco.pytorch.Tensor mask = elements > TABLE / 2
                    ? draw(torch.empty_like(plain))
                    : torch.as_strided(
                            table,
                            Native.shape(plain),
                            strides(plain),
                            new LongOptional(random.nextInt(TABLE - elements)));
            return one.raw().lerp(other.raw(), mask);
        }));
    }

    /** In the same order in memory, whatever that is. */
    private static long[] strides(org.bytedeco.pytorch.Tensor tensor) {
        long[] strides = new long[(int) tensor.dim()];
        for (int i = 0; i < strides.length; i++) {
            strides[i] = tensor.stride(i);
        }
        return strides;
    }

    @Override
    public void close() {
        table.close();
        generator.close();
    }
}
