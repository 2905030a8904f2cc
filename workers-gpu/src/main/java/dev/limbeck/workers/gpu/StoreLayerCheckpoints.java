package dev.limbeck.workers.gpu;

import static java.util.Objects.requireNonNull;

import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.store.Digests;
import java.util.Optional;

/** What each layer or block came to, as records of the store, so that any worker can go on after the last of them. */
final class StoreLayerCheckpoints implements LayerCheckpoints {

    private final ArtifactStore store;
    private final String key;
    private int recalled;

    /** @param key of the result that the quantized network will be remembered under */
    StoreLayerCheckpoints(ArtifactStore store, String key) {
        this.store = requireNonNull(store, "store is null");
        this.key = requireNonNull(key, "key is null");
    }

    @Override
    public Optional<byte[]> recall(String layer) {
        Optional<byte[]> known = store.recall(key(layer));
        if (known.isPresent()) {
            recalled++;
        }
        return known;
    }

    @Override
    public void remember(String layer, byte[] value) {
        store.remember(key(layer), value);
    }

    /** Layers and blocks that did not have to be done again. */
    int recalled() {
        return recalled;
    }

    private String key(String layer) {
        return "layer " + Digests.ofParts(key, layer);
    }
}
