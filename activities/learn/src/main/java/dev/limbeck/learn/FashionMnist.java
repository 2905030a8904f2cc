package dev.limbeck.learn;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): 70,000 grey images of clothes, 28 x 28, in 10 classes.
 *
 * <p>55,000 of the training images to train on; 5,000 of them, 500 of each class, always the same ones, for validation; the 10,000
 * test images.
 */
public final class FashionMnist {

    /** The dataset's name in specs and commands. */
    public static final String NAME = "fashion-mnist";

    /** Mean of the training pixels divided by 255. */
    public static final float MEAN = 0.2860f;

    /** Standard deviation of the training pixels divided by 255. */
    public static final float STD = 0.3530f;

    private static final int CLASSES = 10;
    private static final int VALIDATION_IMAGES = 5_000;
    private static final long SPLIT_SEED = 20_170_825;

    private FashionMnist() {}

    /**
     * Finds the dataset in the data folder; where none is named, finds or gets it: from Debian's package
     * {@code dataset-fashion-mnist}, the cache, the dataset's own address, or Debian's archive. What was got is kept in the cache. Every file is checked against its SHA-256.
     *
     * @param dataDir where the files are; null for wherever they are
     * @param cacheDir the user's cache
     * @throws BadInputException if a file is damaged, or if the dataset is nowhere to be had; its message names every place tried
     */
    public static Splits load(Path dataDir, Path cacheDir, Progress progress) {
        return load(FashionMnistSource.standard(dataDir, cacheDir), progress);
    }

    static Splits load(FashionMnistSource source, Progress progress) {
        Path folder = source.locate(progress);
        Map<FashionMnistFile, Idx> parts = new EnumMap<>(FashionMnistFile.class);
        for (FashionMnistFile file : FashionMnistFile.values()) {
            parts.put(file, file.read(folder));
        }
        ImageDataset training = dataset(parts, FashionMnistFile.TRAIN_IMAGES, FashionMnistFile.TRAIN_LABELS);
        ImageDataset test = dataset(parts, FashionMnistFile.TEST_IMAGES, FashionMnistFile.TEST_LABELS);
        return Splits.balanced(training, test, VALIDATION_IMAGES, SPLIT_SEED);
    }

    private static ImageDataset dataset(
            Map<FashionMnistFile, Idx> parts, FashionMnistFile images, FashionMnistFile labels) {
        Idx pixels = parts.get(images);
        byte[] classes = parts.get(labels).data();
        int[] wide = new int[classes.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = classes[i];
        }
        return new ImageDataset(pixels.data(), wide, 1, pixels.shape()[1], pixels.shape()[2], CLASSES, MEAN, STD);
    }
}
