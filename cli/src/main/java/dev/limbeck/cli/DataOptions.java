package dev.limbeck.cli;

import dev.limbeck.learn.Datasets;
import dev.limbeck.learn.SampleSplits;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Where data comes from. */
final class DataOptions {

    /** What else than a name may be given as data. */
    static final String PATHS = "a folder of class folders with images, an IDX, .npz or .npy file";

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description =
                    "Where the dataset's files lie; without it the usual places are tried, then it is downloaded.")
    private Path dataDir;

    Path dataDir() {
        return dataDir;
    }

    /** The same, for another command. */
    List<String> arguments() {
        return dataDir == null ? List.of() : List.of("--data-dir", dataDir.toString());
    }

    /** Where downloaded data is kept. */
    static Path cacheDir() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg == null || xdg.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
        return base.resolve("limbeck");
    }

    /** @throws BadInputException if the user named a folder that does not exist, or the data is nowhere to be had */
    SampleSplits load(String name, Progress progress) {
        if (dataDir != null && !Files.isDirectory(dataDir)) {
            throw new BadInputException(
                    "--data-dir " + dataDir + ": no such folder; leave it out to have the data found");
        }
        return Datasets.load(name, dataDir, cacheDir(), progress);
    }
}
