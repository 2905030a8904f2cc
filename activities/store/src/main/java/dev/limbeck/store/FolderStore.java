package dev.limbeck.store;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A store in a folder: {@code artifacts/ab/abcdef…} and {@code records/…}. Files are written in {@code asides/} and moved into place.
 */
public final class FolderStore implements ArtifactStore {

    private static final String MEND = "choose another store by --store";

    private final Path artifacts;
    private final Path records;
    private final Path asides;

    /** Deletes what killed processes have left half-written. @throws BadInputException if the folder cannot be made or written to */
    public FolderStore(Path folder) {
        artifacts = folder.resolve("artifacts");
        records = folder.resolve("records");
        asides = folder.resolve("asides");
        try {
            Files.createDirectories(artifacts);
            Files.createDirectories(records);
            WholeFile.sweep(asides);
        } catch (IOException e) {
            throw new BadInputException(
                    "the store's folder " + folder + " cannot be made: " + WholeFile.reason(e) + "; " + MEND, e);
        }
    }

    @Override
    public String put(byte[] bytes) {
        String digest = Digests.of(bytes);
        Path file = artifact(digest);
        if (!Files.exists(file)) {
            write(file, bytes);
        }
        return digest;
    }

    @Override
    public byte[] get(String digest) {
        Path file = artifact(digest);
        try {
            byte[] bytes = Files.readAllBytes(file);
            if (!Digests.of(bytes).equals(digest)) {
                throw new IllegalStateException(
                        file + " is damaged: its content has another digest; delete it and run again");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw new MissingArtifactException(digest, artifacts.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    @Override
    public boolean contains(String digest) {
        return Files.exists(artifact(digest));
    }

    @Override
    public Optional<byte[]> recall(String key) {
        try {
            return Optional.of(Files.readAllBytes(record(key)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(record(key) + " cannot be read", e);
        }
    }

    @Override
    public void remember(String key, byte[] record) {
        write(record(key), record);
    }

    @Override
    public byte[] rememberFirst(String key, byte[] record) {
        return WholeFile.writeNew(record(key), asides, record, MEND)
                ? record
                : recall(key).orElse(record);
    }

    @Override
    public void forget(String key) {
        try {
            Files.deleteIfExists(record(key));
        } catch (IOException e) {
            throw new UncheckedIOException(record(key) + " cannot be deleted", e);
        }
    }

    private Path artifact(String digest) {
        return artifacts.resolve(Digests.check(digest).substring(0, 2)).resolve(digest);
    }

    /** Keys may hold any text, file names may not. */
    private Path record(String key) {
        return records.resolve(Digests.ofParts(key));
    }

    private void write(Path file, byte[] bytes) {
        WholeFile.write(file, asides, bytes, MEND);
    }
}
