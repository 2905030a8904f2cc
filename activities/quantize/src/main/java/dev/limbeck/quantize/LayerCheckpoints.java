package dev.limbeck.quantize;

import java.util.Optional;

/** Where long work keeps what each layer or block came to, so that it goes on there after the process has died. */
public interface LayerCheckpoints {

    /** Keeps nothing. */
    LayerCheckpoints NONE = new LayerCheckpoints() {
        @Override
        public Optional<byte[]> recall(String key) {
            return Optional.empty();
        }

        @Override
        public void remember(String key, byte[] value) {}
    };

    /** @param key of one layer or block in this network, with these images and options */
    Optional<byte[]> recall(String key);

    void remember(String key, byte[] value);
}
