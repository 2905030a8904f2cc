package dev.limbeck.learn;

import static java.util.Objects.requireNonNull;

import java.util.Random;

/**
 * A dataset in its three parts.
 *
 * @param train what networks learn from
 * @param validation part of the original training images; what choices are made by
 * @param test what no choice ever uses
 */
public record Splits(ImageDataset train, ImageDataset validation, ImageDataset test) {

    public Splits {
        requireNonNull(train, "train is null");
        requireNonNull(validation, "validation is null");
        requireNonNull(test, "test is null");
    }

    /**
     * Takes the same number of images of each class out of the training images, by a seed; the rest keeps its order.
     *
     * @param validationImages a multiple of the number of classes
     */
    public static Splits balanced(ImageDataset training, ImageDataset test, int validationImages, long seed) {
        int perClass = validationImages / training.classes();
        if (perClass * training.classes() != validationImages) {
            throw new IllegalArgumentException(
                    validationImages + " images are not the same number of each of " + training.classes() + " classes");
        }
        int[] order = Shuffle.permutation(training.size(), new Random(seed));
        int[] taken = new int[training.classes()];
        boolean[] held = new boolean[training.size()];
        for (int position : order) {
            int label = training.labels()[position];
            if (taken[label] < perClass) {
                taken[label]++;
                held[position] = true;
            }
        }
        return new Splits(training.subset(where(held, false)), training.subset(where(held, true)), test);
    }

    /** SHA-256 over the digests of the three parts. */
    public String digest() {
        return Digests.ofText(train.digest() + validation.digest() + test.digest());
    }

    /** The first images of each part: for trials that must be quick. */
    public Splits take(int trainImages, int validationImages, int testImages) {
        return new Splits(train.take(trainImages), validation.take(validationImages), test.take(testImages));
    }

    private static int[] where(boolean[] flags, boolean wanted) {
        return java.util.stream.IntStream.range(0, flags.length)
                .filter(i -> flags[i] == wanted)
                .toArray();
    }
}
