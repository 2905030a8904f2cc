package dev.limbeck.store;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Artifacts on the local disk, within a limit: those that were not used for longest leave first. Several processes may share a folder.
 *
 * <p>A cache that cannot be read or written is none, and no failure.
 */
public final class DiskCache {

    /** Others write into the folder too: it is looked through after this part of the limit. */
    private static final int LOOKS = 20;

    private final Path artifacts;
    private final Path asides;
    private final long limitBytes;
    private final Clock clock;
    private long sinceLook;

    /** @param limitBytes of all artifacts together; 0 keeps none */
    public DiskCache(Path folder, long limitBytes, Clock clock) {
        artifacts = folder.resolve("artifacts");
        asides = folder.resolve("asides");
        this.limitBytes = limitBytes;
        this.clock = requireNonNull(clock, "clock is null");
        WholeFile.sweep(asides);
        shrink(0);
    }

    /** Empty if there is none, or if it is damaged; a damaged one is deleted. */
    Optional<byte[]> get(String digest) {
        Path file = file(digest);
        try {
            byte[] bytes = Files.readAllBytes(file);
            if (!Digests.of(bytes).equals(digest)) {
                Files.deleteIfExists(file);
                return Optional.empty();
            }
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
            return Optional.of(bytes);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    void put(String digest, byte[] bytes) {
        Path file = file(digest);
        if (bytes.length > limitBytes || Files.exists(file)) {
            return;
        }
        makeRoom(bytes.length);
        try {
            WholeFile.write(file, asides, bytes, "have less kept by LIMBECK_CACHE_SIZE");
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        } catch (BadInputException | IOException e) {
            // the artifact is in the store all the same
            return;
        }
    }

    private synchronized void makeRoom(long bytes) {
        sinceLook += bytes;
        if (sinceLook > limitBytes / LOOKS) {
            shrink(Math.max(bytes, limitBytes / LOOKS));
            sinceLook = bytes;
        }
    }

    private record Entry(Path file, long bytes, FileTime used) {}

    /** Deletes until as many bytes are free under the limit. */
    private void shrink(long free) {
        List<Entry> entries = entries();
        long held = entries.stream().mapToLong(Entry::bytes).sum();
        for (Entry entry : entries) {
            if (held + free <= limitBytes) {
                return;
            }
            try {
                Files.deleteIfExists(entry.file());
                held -= entry.bytes();
            } catch (IOException e) {
                // somebody else's file; the next one may go
                continue;
            }
        }
    }

    /** Those used longest ago first. */
    private List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        if (!Files.isDirectory(artifacts)) {
            return entries;
        }
        try (Stream<Path> files = Files.walk(artifacts)) {
            files.forEach(file -> {
                try {
                    BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
                    if (is.isRegularFile()) {
                        entries.add(new Entry(file, is.size(), is.lastModifiedTime()));
                    }
                } catch (IOException e) {
                    // another process has deleted it
                    return;
                }
            });
        } catch (IOException | UncheckedIOException e) {
            return entries;
        }
        entries.sort(Comparator.comparing(Entry::used));
        return entries;
    }

    private Path file(String digest) {
        return artifacts.resolve(Digests.check(digest).substring(0, 2)).resolve(digest);
    }
}
