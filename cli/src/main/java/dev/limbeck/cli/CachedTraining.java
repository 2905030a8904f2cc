package dev.limbeck.cli;

import dev.limbeck.learn.Checkpoints;
import dev.limbeck.quantize.LayerCheckpoints;
import java.util.Optional;

/**
 * The state of a training among other long work.
 *
 * @param key what the training depends on beyond that work's own
 */
record CachedTraining(LayerCheckpoints work, String key) implements Checkpoints {

    @Override
    public Optional<byte[]> load() {
        return work.recall(key);
    }

    @Override
    public void save(byte[] checkpoint) {
        work.remember(key, checkpoint);
    }
}
