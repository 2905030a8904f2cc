package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.Random;

/**
 * Random changes of training images that keep their label. Uncovered pixels are black, that is 0 before normalisation.
 *
 * @param shift images move by up to this many pixels in each direction
 * @param flip whether half of the images are mirrored left to right
 * @param erase side of a square that is blackened at a random place (DeVries and Taylor 2017); 0 for none
 */
public record Augmentation(int shift, boolean flip, int erase) {

    public static final Augmentation NONE = new Augmentation(0, false, 0);

    public Augmentation {
        if (shift < 0 || erase < 0) {
            throw new BadInputException(
                    "shift is " + shift + " and erase is " + erase + ", but both must be at least 0");
        }
    }

    /**
     * The images at the given positions, changed and normalised: [items.length, channels, height, width].
     *
     * @param random the same stream gives the same images
     */
    FloatTensor batch(ImageDataset dataset, int[] items, Random random) {
        float[][] tables = dataset.normalisation();
        float[] out = new float[items.length * dataset.imageSize()];
        for (int i = 0; i < items.length; i++) {
            int right = shift == 0 ? 0 : random.nextInt(2 * shift + 1) - shift;
            int down = shift == 0 ? 0 : random.nextInt(2 * shift + 1) - shift;
            boolean mirrored = flip && random.nextBoolean();
            int eraseX = erase == 0 ? 0 : random.nextInt(dataset.width());
            int eraseY = erase == 0 ? 0 : random.nextInt(dataset.height());
            for (int channel = 0; channel < dataset.channels(); channel++) {
                float[] table = tables[channel];
                int plane = dataset.height() * dataset.width();
                int from = items[i] * dataset.imageSize() + channel * plane;
                int to = i * dataset.imageSize() + channel * plane;
                if (shift > 0) {
                    Arrays.fill(out, to, to + plane, table[0]);
                }
                copy(dataset, table, from, out, to, right, down, mirrored);
                blacken(dataset, table[0], out, to, eraseX - erase / 2, eraseY - erase / 2);
            }
        }
        return new FloatTensor(out, items.length, dataset.channels(), dataset.height(), dataset.width());
    }

    private static void copy(
            ImageDataset dataset, float[] table, int from, float[] out, int to, int right, int down, boolean mirrored) {
        byte[] pixels = dataset.pixels();
        int width = dataset.width();
        int height = dataset.height();
        for (int y = Math.max(0, down); y < Math.min(height, height + down); y++) {
            int row = from + (y - down) * width;
            int target = to + y * width;
            for (int x = Math.max(0, right); x < Math.min(width, width + right); x++) {
                int source = x - right;
                out[target + x] = table[Byte.toUnsignedInt(pixels[row + (mirrored ? width - 1 - source : source)])];
            }
        }
    }

    private void blacken(ImageDataset dataset, float black, float[] out, int plane, int left, int top) {
        for (int y = Math.max(0, top); y < Math.min(dataset.height(), top + erase); y++) {
            int row = plane + y * dataset.width();
            int end = Math.min(dataset.width(), left + erase);
            if (end > Math.max(0, left)) {
                Arrays.fill(out, row + Math.max(0, left), row + end, black);
            }
        }
    }
}
