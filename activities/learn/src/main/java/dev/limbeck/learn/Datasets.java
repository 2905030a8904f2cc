package dev.limbeck.learn;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.nio.file.Path;
import java.util.List;

/** Datasets that specs and commands call by name. */
public final class Datasets {

    private Datasets() {}

    public static List<String> names() {
        return List.of(FashionMnist.NAME);
    }

    /**
     * @param dataDir where to look first; may be null
     * @param cacheDir where what had to be fetched is kept
     * @throws BadInputException if there is no such dataset, or it is damaged or not to be had
     */
    public static Splits byName(String name, Path dataDir, Path cacheDir, Progress progress) {
        if (!name.equals(FashionMnist.NAME)) {
            throw new BadInputException("there is no dataset '" + name + "'; known are: " + String.join(", ", names()));
        }
        return FashionMnist.load(dataDir, cacheDir, progress);
    }
}
