package dev.limbeck.schemas;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files that a spec may name: those in its own folder and in folders that the user has allowed.
 *
 * <p>A spec may come from a stranger, so neither "..", nor an absolute path, nor a symbolic link leads it anywhere else.
 */
final class SpecReach {

    /** The labels of an IDX file lie beside its images and are named by nobody. */
    private static final String UNNAMED = "-idx1-ubyte";

    private final Path folder;
    private final List<Path> folders;

    /** @throws BadInputException if an allowed folder is none */
    SpecReach(Path spec, List<Path> allowed) {
        folder = spec.toAbsolutePath().getParent().normalize();
        folders = Stream.concat(Stream.of(folder), allowed.stream().map(SpecReach::allowedFolder))
                .toList();
    }

    private static Path allowedFolder(Path path) {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new BadInputException("--allow " + path + ": is no folder; give the folder that files lie in");
        }
        return path.toAbsolutePath().normalize();
    }

    /**
     * @param key of the spec that names the path
     * @param place of the path in the spec, for messages
     * @return the path, absolute; nothing has to lie there
     * @throws BadInputException if it is outside, or can be no path
     */
    Path file(String path, String key, String place) {
        Path named;
        try {
            named = folder.resolve(path).normalize();
        } catch (InvalidPathException e) {
            throw new BadInputException(place + ": '" + path + "' can be no path (" + e.getReason() + ")", e);
        }
        if (!isInside(named)) {
            throw outside(place + ": " + key + ": '" + path + "'", named);
        }
        return named;
    }

    /** @throws BadInputException if symbolic links among the data lead outside */
    void requireAllInside(Path data, String key, String place) {
        try {
            if (Files.isDirectory(data)) {
                Files.walkFileTree(data, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        requireInside(file, attributes.isSymbolicLink(), key, place);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException failure) {
                        return FileVisitResult.CONTINUE; // whoever reads the data says it
                    }
                });
                return;
            }
            try (Stream<Path> beside = Files.list(data.getParent())) {
                beside.filter(file -> file.getFileName().toString().contains(UNNAMED))
                        .forEach(file -> requireInside(file, Files.isSymbolicLink(file), key, place));
            }
        } catch (IOException e) {
            throw new BadInputException(place + ": " + key + ": " + data + " cannot be read (" + e + ")", e);
        }
    }

    private void requireInside(Path file, boolean isLink, String key, String place) {
        if (isLink && !isInside(file)) {
            throw outside(place + ": " + key + ": the symbolic link '" + file + "'", file);
        }
    }

    private boolean isInside(Path path) {
        try {
            if (!Files.exists(path)) {
                return folders.stream().anyMatch(path::startsWith);
            }
            Path real = path.toRealPath();
            for (Path allowed : folders) {
                if (Files.exists(allowed) && real.startsWith(allowed.toRealPath())) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    private BadInputException outside(String what, Path path) {
        Path other = path.getParent() == null ? path : path.getParent();
        return new BadInputException(what + " leads outside the spec's folder " + folder
                + ", where a spec must not read; put the file there, or allow the folder that it lies in: --allow "
                + other);
    }
}
