package dev.limbeck.cli;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.store.CachedStore;
import dev.limbeck.store.DiskCache;
import dev.limbeck.store.FolderStore;
import dev.limbeck.store.S3Store;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Opens the store that {@code --store} names: a folder, or a bucket with a cache on this machine's disk before it. */
final class Stores {

    private static final String CACHE = "LIMBECK_CACHE";
    private static final String CACHE_SIZE = "LIMBECK_CACHE_SIZE";
    private static final String DEFAULT_SIZE = "10 GB";
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*([KMGT]?)i?B?", Pattern.CASE_INSENSITIVE);

    private Stores() {}

    /**
     * @param environment of the process, which may say where the cache lies and how large it may become
     * @throws BadInputException if the store cannot be opened
     */
    static ArtifactStore open(String location, Map<String, String> environment) {
        if (!S3Store.isLocation(location)) {
            return new FolderStore(Path.of(location));
        }
        String folder = environment.get(CACHE);
        DiskCache cache = new DiskCache(
                folder == null || folder.isBlank() ? DataOptions.cacheDir().resolve("artifacts") : Path.of(folder),
                bytes(environment.getOrDefault(CACHE_SIZE, DEFAULT_SIZE)),
                Clock.systemUTC());
        return new CachedStore(S3Store.open(location), cache);
    }

    /** What only this machine keeps, such as the embedded broker's log: in the store's folder, where it is one. */
    static Path localFolder(String location) {
        return Path.of(S3Store.isLocation(location) ? ServerOptions.DEFAULT_STORE : location);
    }

    private static long bytes(String size) {
        Matcher parts = SIZE.matcher(size.strip());
        if (!parts.matches()) {
            throw new BadInputException(
                    CACHE_SIZE + " is '" + size + "'; give a size such as 500 MB or 10 GB, or 0 for no cache");
        }
        int thousands =
                "-KMGT".indexOf(parts.group(2).isEmpty() ? "-" : parts.group(2).toUpperCase(Locale.ROOT));
        return Long.parseLong(parts.group(1)) << 10 * thousands;
    }
}
