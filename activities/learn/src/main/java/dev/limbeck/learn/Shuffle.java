package dev.limbeck.learn;

import java.util.Random;

/** Seeded orders. {@link Random} is used because its algorithm is part of Java's specification: the same on every JDK. */
final class Shuffle {

    private Shuffle() {}

    /** The numbers below {@code size} in random order (Fisher and Yates). */
    static int[] permutation(int size, Random random) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    /** Mixes numbers into one seed, so that neighbouring ones give unrelated streams (SplitMix64's finalizer). */
    static long seed(long... parts) {
        long state = 0;
        for (long part : parts) {
            state += part + 0x9e3779b97f4a7c15L;
            state = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
            state = (state ^ (state >>> 27)) * 0x94d049bb133111ebL;
            state ^= state >>> 31;
        }
        return state;
    }
}
