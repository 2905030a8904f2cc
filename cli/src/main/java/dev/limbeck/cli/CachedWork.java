package dev.limbeck.cli;

import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.store.Digests;
import dev.limbeck.store.FolderStore;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Long work in the user's cache: layers whose weights are rounded, methods that were tried. */
final class CachedWork implements LayerCheckpoints {

    /** Changes when results do. */
    private static final String VERSION = "2";

    private final Console console;
    private final ArtifactStore store;
    private final String work;
    private final Set<String> own = new HashSet<>();
    private boolean said;

    private CachedWork(Console console, ArtifactStore store, String work) {
        this.console = console;
        this.store = store;
        this.work = work;
    }

    /** @param work digests of what it depends on */
    static LayerCheckpoints open(Path folder, Console console, String... work) {
        try {
            return new CachedWork(console, new FolderStore(folder), String.join(" ", work));
        } catch (BadInputException e) {
            console.say("limbeck: " + folder + " cannot be written, so a killed command cannot go on where it was");
            return LayerCheckpoints.NONE;
        }
    }

    @Override
    public Optional<byte[]> recall(String key) {
        Optional<byte[]> known = store.recall(address(key));
        if (known.isPresent() && !said && !own.contains(key)) {
            said = true;
            console.say("limbeck: goes on where an earlier run of this command was");
        }
        return known;
    }

    @Override
    public void remember(String key, byte[] value) {
        own.add(key);
        store.remember(address(key), value);
    }

    private String address(String key) {
        return Digests.ofParts("quantize", VERSION, work, key);
    }
}
