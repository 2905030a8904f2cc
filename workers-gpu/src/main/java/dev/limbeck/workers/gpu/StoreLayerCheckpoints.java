package dev.limbeck.workers.gpu;

import static java.util.Objects.requireNonNull;

import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.store.Digests;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** What each layer or block came to, as records of the store, so that any worker can go on after the last of them. */
final class StoreLayerCheckpoints implements LayerCheckpoints {

    private final ArtifactStore store;
    private final String key;
    private final Set<String> made = new HashSet<>();
    private final Set<String> recalled = new HashSet<>();

    /** @param key of the result that the quantized network will be remembered under */
    StoreLayerCheckpoints(ArtifactStore store, String key) {
        this.store = requireNonNull(store, "store is null");
        this.key = requireNonNull(key, "key is null");
    }

    @Override
    public Optional<byte[]> recall(String layer) {
        Optional<byte[]> known = store.recall(key(layer));
        if (known.isPresent() && !made.contains(layer)) {
            recalled.add(layer);
        }
        return known;
    }

    @Override
    public void remember(String layer, byte[] value) {
        made.add(layer);
        store.remember(key(layer), value);
    }

    /** Layers, blocks and tries that an attempt before this one had done. */
    int recalled() {
        return recalled.size();
    }

    private String key(String layer) {
        return "layer " + Digests.ofParts(key, layer);
    }
}
