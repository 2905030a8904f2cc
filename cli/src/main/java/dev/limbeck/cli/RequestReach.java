package dev.limbeck.cli;

import dev.limbeck.learn.Datasets;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.RequestEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/**
 * Which data a request may name. Requests come from whoever may write to Kafka, and workers read what they name: so datasets by their
 * names, and paths only in folders that the trigger's owner has allowed.
 */
final class RequestReach {

    private final List<Path> folders;

    RequestReach(List<Path> allowed) {
        folders = allowed.stream()
                .map(folder -> folder.toAbsolutePath().normalize())
                .toList();
    }

    /** @throws BadInputException if there is something to mend in the request, or it names other data */
    void check(RequestEvent request) {
        String data = request.parsed().task().data();
        if (!Datasets.names().contains(data) && !isAllowed(data)) {
            throw new BadInputException(
                    "request %s: its data '%s' is neither a dataset (%s) nor in a folder that 'limbeck trigger --allow' names"
                            .formatted(request.id(), data, String.join(", ", Datasets.names())));
        }
    }

    /** Folders may be those of workers: where they are on this machine too, symbolic links are looked through. */
    private boolean isAllowed(String data) {
        try {
            Path path = Path.of(data);
            if (!path.isAbsolute() || folders.stream().noneMatch(path.normalize()::startsWith)) {
                return false;
            }
            if (!Files.exists(path)) {
                return true;
            }
            for (Path folder : folders) {
                if (path.toRealPath().startsWith(folder.toRealPath())) {
                    return true;
                }
            }
            return false;
        } catch (InvalidPathException | IOException e) {
            return false;
        }
    }
}
