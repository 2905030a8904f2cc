package dev.limbeck.search;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Activation;
import dev.limbeck.learn.ImageInput;
import dev.limbeck.learn.Networks;
import java.util.Random;

/** Small references for tests. */
final class References {

    private References() {}

    /** Three stages of two inverted residuals with squeeze-and-excitation, for images of 1 x 28 x 28. */
    static Graph small(long seed) {
        return Networks.mobileNetV3Like(
                new ImageInput(1, 28, 0.5f, 0.5f),
                10,
                8,
                new int[] {8, 16, 24},
                new int[] {1, 2, 2},
                2,
                3,
                2,
                Activation.HARDSWISH,
                true,
                32,
                seed);
    }

    static FloatTensor images(int count, long... shape) {
        Random random = new Random(1);
        int size = count;
        for (long dimension : shape) {
            size *= (int) dimension;
        }
        float[] data = new float[size];
        for (int i = 0; i < size; i++) {
            data[i] = (float) random.nextGaussian();
        }
        long[] whole = new long[shape.length + 1];
        whole[0] = count;
        System.arraycopy(shape, 0, whole, 1, shape.length);
        return new FloatTensor(data, whole);
    }
}
