package dev.limbeck.learn;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where Fashion-MNIST is looked for and got from.
 *
 * @param folders looked through in this order
 * @param cache the folder that what is got is kept in; itself one of {@code folders}
 * @param fetchers asked in this order when no folder has the files
 */
record FashionMnistSource(List<Path> folders, Path cache, List<Fetcher> fetchers) {

    private static final String STEP = "get Fashion-MNIST";
    private static final Path DEBIAN_FOLDER = Path.of("/usr/share/datasets/fashion-mnist");
    private static final URI ADDRESS = URI.create("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/");

    /** A way to get the files. */
    interface Fetcher {

        /** Puts the four files into a folder; @throws IOException with a message for the user if it cannot */
        void fetch(Path folder, Progress progress) throws IOException, InterruptedException;

        /** What messages call it. */
        String place();
    }

    static FashionMnistSource standard(Path dataDir, Path cacheDir) {
        Path cache = cacheDir.resolve(FashionMnist.NAME);
        if (dataDir != null) {
            // whoever names a folder means the files in it, not others of the same name
            return new FashionMnistSource(List.of(dataDir, dataDir.resolve(FashionMnist.NAME)), cache, List.of());
        }
        return new FashionMnistSource(
                List.of(DEBIAN_FOLDER, cache),
                cache,
                List.of(new HttpFetcher(ADDRESS), new DebianFetcher("dataset-fashion-mnist")));
    }

    /** @return a folder that has the four files, which are not checked yet */
    Path locate(Progress progress) {
        List<String> tried = new ArrayList<>();
        for (Path folder : folders) {
            List<String> missing = Arrays.stream(FashionMnistFile.values())
                    .filter(file -> !file.isIn(folder))
                    .map(FashionMnistFile::fileName)
                    .toList();
            if (missing.isEmpty()) {
                return folder;
            }
            tried.add(folder + ": no " + String.join(", ", missing));
        }
        for (Fetcher fetcher : fetchers) {
            progress.report(STEP, 0, 0, fetcher.place());
            try {
                fetch(fetcher, progress);
                return cache;
            } catch (IOException | BadInputException e) {
                tried.add(fetcher.place() + ": " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while Fashion-MNIST was being fetched", e);
            }
        }
        throw new BadInputException("Fashion-MNIST was not found. Tried:\n  "
                + String.join("\n  ", tried)
                + "\nGive the folder that holds the four .gz files as the data folder.");
    }

    /** Into a folder aside first, checked there, then moved: the cache never holds half a file. */
    private void fetch(Fetcher fetcher, Progress progress) throws IOException, InterruptedException {
        Files.createDirectories(cache);
        Path aside = Files.createTempDirectory(cache, ".part");
        try {
            fetcher.fetch(aside, progress);
            for (FashionMnistFile file : FashionMnistFile.values()) {
                file.read(aside);
            }
            for (FashionMnistFile file : FashionMnistFile.values()) {
                Files.move(
                        aside.resolve(file.fileName()),
                        cache.resolve(file.fileName()),
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.ATOMIC_MOVE);
            }
        } finally {
            delete(aside);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be removed", e);
        }
    }
}
