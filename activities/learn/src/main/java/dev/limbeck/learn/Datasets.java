package dev.limbeck.learn;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Datasets that specs and commands call by name. */
public final class Datasets {

    private Datasets() {}

    public static List<String> names() {
        return List.of(FashionMnist.NAME);
    }

    /**
     * @param dataDir where the files are; null for the usual places
     * @param cacheDir where what had to be fetched is kept
     * @throws BadInputException if there is no such dataset, or it is damaged or not to be had
     */
    public static Splits byName(String name, Path dataDir, Path cacheDir, Progress progress) {
        if (!name.equals(FashionMnist.NAME)) {
            throw new BadInputException("there is no dataset '" + name + "'; known are: " + String.join(", ", names()));
        }
        return FashionMnist.load(dataDir, cacheDir, progress);
    }

    /**
     * A dataset by its name, or what users have as files.
     *
     * @param nameOrPath a name; a folder of class folders with images, of images, or of IDX files; an IDX, .npz or .npy file
     * @param dataDir where the files of a named dataset are; null for the usual places
     * @param cacheDir where what had to be fetched is kept
     * @throws BadInputException if there is neither, or the data are broken
     */
    public static SampleSplits load(String nameOrPath, Path dataDir, Path cacheDir, Progress progress) {
        if (names().contains(nameOrPath)) {
            return SampleSplits.of(byName(nameOrPath, dataDir, cacheDir, progress));
        }
        Path path = Path.of(nameOrPath);
        if (!Files.exists(path)) {
            throw new BadInputException("there is no dataset, file or folder '" + nameOrPath + "'; known datasets are: "
                    + String.join(", ", names()));
        }
        return DataPath.read(path);
    }
}
