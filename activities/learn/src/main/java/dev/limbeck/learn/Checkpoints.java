package dev.limbeck.learn;

import dev.limbeck.schemas.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Where a training keeps its state, so that it can go on after the process has died. */
public interface Checkpoints {

    /** What was last saved. */
    Optional<byte[]> load();

    void save(byte[] checkpoint);

    /** What messages call it, so that people find what they are to delete. */
    default String label() {
        return "the checkpoint";
    }

    /** At least this much time passes between two calls of {@link #save}, but for the last. */
    default Duration interval() {
        return Duration.ofSeconds(20);
    }

    /** Keeps nothing. */
    static Checkpoints none() {
        return new Checkpoints() {
            @Override
            public Optional<byte[]> load() {
                return Optional.empty();
            }

            @Override
            public void save(byte[] checkpoint) {
                // nowhere to save to
            }

            @Override
            public Duration interval() {
                return Duration.ofNanos(Long.MAX_VALUE);
            }
        };
    }

    /** A file that is written aside and moved into place: a process that dies while saving leaves the one before. */
    static Checkpoints file(Path file) {
        return new Checkpoints() {
            @Override
            public Optional<byte[]> load() {
                try {
                    return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
                } catch (IOException e) {
                    throw new UncheckedIOException("checkpoint " + file + " cannot be read", e);
                }
            }

            @Override
            public void save(byte[] checkpoint) {
                WholeFile.write(file, checkpoint, "choose another place");
            }

            @Override
            public String label() {
                return "the checkpoint " + file;
            }
        };
    }
}
