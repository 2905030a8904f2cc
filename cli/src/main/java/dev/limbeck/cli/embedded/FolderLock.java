package dev.limbeck.cli.embedded;

import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a folder for one process; the system gives it back when the process dies, however that happens. */
final class FolderLock implements AutoCloseable {

    private final FileChannel file;

    /** @throws BadInputException if another process has the folder, or it cannot be written */
    FolderLock(Path folder) {
        try {
            Files.createDirectories(folder);
            file = FileChannel.open(folder.resolve("in-use"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!taken(file)) {
                file.close();
                throw new BadInputException(
                        "another limbeck is at work in " + folder + "; wait for it to end, or choose another --store");
            }
        } catch (IOException e) {
            throw new BadInputException(
                    folder + " cannot be written (" + WholeFile.reason(e) + "); choose another place by --store", e);
        }
    }

    private static boolean taken(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the lock file cannot be closed", e);
        }
    }
}
