package dev.limbeck.tensor;

import org.bytedeco.pytorch.global.torch;

/** How many processor threads one operator uses. */
public final class Threads {

    private Threads() {}

    /**
     * Limits the operators that the calling thread runs; call it first in each thread that computes.
     *
     * <p>libtorch keeps the number per thread, and also takes it as the default of threads that have not computed yet. The same
     * number gives the same bits; another number may round differently. More threads than free cores are many times slower.
     */
    public static void limitTo(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
        torch.set_num_threads(threads);
    }

    /** The limit of the calling thread. */
    public static int limit() {
        return torch.get_num_threads();
    }
}
