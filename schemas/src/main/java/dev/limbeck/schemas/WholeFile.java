package dev.limbeck.schemas;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files that are written aside and moved into place, so that nobody ever sees half of one.
 *
 * <p>What a killed process leaves aside carries its number, by which {@link #sweep} finds it.
 */
public final class WholeFile {

    private static final Pattern ASIDE = Pattern.compile("\\.(\\d+)\\.[0-9a-f-]{36}\\.part");

    private static final Pattern NO_SPACE = Pattern.compile("No space left on device|[Qq]uota exceeded");

    /** A process with another view of the processes (a container, another machine) may sweep a file that is being written. */
    private static final int ATTEMPTS = 3;

    private WholeFile() {}

    /**
     * Writes a file, aside in its own folder.
     *
     * @param mend what to do where it cannot be written, such as {@code "choose another place by --runs"}
     * @throws NoSpaceException if the disk is full
     * @throws BadInputException if it cannot be written otherwise, such as to a folder that is not the user's
     */
    public static void write(Path file, byte[] content, String mend) {
        write(file, file.toAbsolutePath().getParent(), content, mend);
    }

    /** As above, aside in a given folder on the same disk. */
    public static void write(Path file, Path asides, byte[] content, String mend) {
        write(file, asides, content, mend, aside -> {
            Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            return true;
        });
    }

    /**
     * As above, unless there is such a file: of several writers at once, one wins.
     *
     * @return false if there is one already
     */
    public static boolean writeNew(Path file, Path asides, byte[] content, String mend) {
        return write(file, asides, content, mend, aside -> linked(aside, file));
    }

    /** A move would replace what is there; a link does not. */
    private static boolean linked(Path aside, Path file) throws IOException {
        try {
            Files.createLink(file, aside);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        } catch (UnsupportedOperationException | FileSystemException e) {
            if (e instanceof NoSuchFileException gone) {
                throw gone;
            }
            // a disk without links: all that it can promise is that the file is whole
            if (Files.exists(file)) {
                return false;
            }
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
            return true;
        }
    }

    private interface Place {

        boolean take(Path aside) throws IOException;
    }

    private static boolean write(Path file, Path asides, byte[] content, String mend, Place place) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.createDirectories(asides);
            for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
                Optional<Boolean> placed = placed(asides, content, place);
                if (placed.isPresent()) {
                    return placed.get();
                }
            }
            throw new IOException("files in " + asides + " vanish while they are written");
        } catch (ClosedByInterruptException e) {
            throw new CancellationException("interrupted while " + file + " was written");
        } catch (IOException e) {
            String first = e instanceof AccessDeniedException ? "let this user write there" : "free some space";
            String message = "%s cannot be written: %s; %s or %s, then give the same command again"
                    .formatted(file, reason(e), first, mend);
            throw full(e, asides, content.length)
                    ? new NoSpaceException(message, e)
                    : new BadInputException(message, e);
        }
    }

    /** @return empty if the file aside has vanished */
    private static Optional<Boolean> placed(Path asides, byte[] content, Place place) throws IOException {
        // Not a temporary file of the JDK's: those are closed to other users, and stay so when moved.
        Path aside = asides.resolve("." + ProcessHandle.current().pid() + "." + UUID.randomUUID() + ".part");
        try {
            Files.write(aside, content);
            return Optional.of(place.take(aside));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    /** Deletes what processes that are no more have left aside in a folder; nothing happens if there is no such folder. */
    public static void sweep(Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.part")) {
            for (Path file : files) {
                Matcher aside = ASIDE.matcher(file.getFileName().toString());
                if (aside.matches()
                        && ProcessHandle.of(Long.parseLong(aside.group(1))).isEmpty()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be swept", e);
        }
    }

    /** The system's own words are another language's on some machines, and there is no code to go by: so the disk is asked too. */
    private static boolean full(IOException failure, Path folder, long bytes) {
        if (NO_SPACE.matcher(String.valueOf(failure.getMessage())).find()) {
            return true;
        }
        try {
            return !(failure instanceof AccessDeniedException)
                    && Files.getFileStore(folder).getUsableSpace() < bytes;
        } catch (IOException e) {
            return false;
        }
    }

    /** Why a file or folder could not be written, in words. */
    public static String reason(IOException failure) {
        if (failure instanceof AccessDeniedException denied) {
            return "permission denied for " + denied.getFile();
        }
        if (failure instanceof FileAlreadyExistsException taken) {
            return taken.getFile() + " is a file, not a folder";
        }
        if (failure instanceof FileSystemException known && known.getReason() != null) {
            return known.getReason();
        }
        return String.valueOf(failure.getMessage());
    }
}
