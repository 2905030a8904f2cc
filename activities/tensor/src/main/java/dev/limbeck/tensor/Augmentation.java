package dev.limbeck.tensor;

import dev.limbeck.graph.FloatTensor;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Random changes of training images that keep their label.
 *
 * @param shift images move by up to this many pixels in each direction
 * @param flip whether half of the images are mirrored left to right
 * @param padding what comes in at the border of a shifted image, after normalization: mostly what a black pixel becomes
 */
public record Augmentation(int shift, boolean flip, float padding) {

    public static final Augmentation NONE = new Augmentation(0, false, 0);

    public Augmentation {
        if (shift < 0) {
            throw new IllegalArgumentException("shift must be at least 0, not " + shift);
        }
    }

    /**
     * Copies the named images of a dataset into a batch, changed at random.
     *
     * @param source [items, channels, height, width]
     * @return [items.length, channels, height, width]; the same random stream gives the same batch
     */
    public Tensor gather(FloatTensor source, int[] items, RandomGenerator random) {
        if (shift == 0 && !flip) {
            return Tensor.gather(source, items);
        }
        long[] shape = source.shape().clone();
        if (shape.length != 4) {
            throw new IllegalArgumentException("images need [n, c, h, w], not " + Arrays.toString(shape));
        }
        shape[0] = items.length;
        int size = source.itemSize();
        int width = (int) shape[3];
        int height = (int) shape[2];
        float[] batch = new float[items.length * size];
        if (padding != 0) {
            Arrays.fill(batch, padding);
        }
        for (int i = 0; i < items.length; i++) {
            int right = shift == 0 ? 0 : random.nextInt(-shift, shift + 1);
            int down = shift == 0 ? 0 : random.nextInt(-shift, shift + 1);
            boolean mirrored = flip && random.nextBoolean();
            for (int channel = 0; channel < shape[1]; channel++) {
                int from = items[i] * size + channel * height * width;
                int to = i * size + channel * height * width;
                plane(source.data(), from, batch, to, height, width, right, down, mirrored);
            }
        }
        return Tensor.of(new FloatTensor(batch, shape));
    }

    private static void plane(
            float[] source,
            int from,
            float[] target,
            int to,
            int height,
            int width,
            int right,
            int down,
            boolean mirrored) {
        int left = Math.max(0, right);
        int count = width - Math.abs(right);
        for (int y = Math.max(0, down); y < Math.min(height, height + down); y++) {
            int row = from + (y - down) * width;
            int start = to + y * width + left;
            if (!mirrored) {
                System.arraycopy(source, row + left - right, target, start, Math.max(0, count));
                continue;
            }
            for (int x = 0; x < count; x++) {
                target[start + x] = source[row + width - 1 - (left - right + x)];
            }
        }
    }
}
