package dev.limbeck.workers.gpu;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.Splits;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.search.Block;
import dev.limbeck.workflows.RunRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the reference says about the data: its logits and the activations at the ends of blocks, computed once by ONNX Runtime
 * and kept while the work that needs them goes on.
 *
 * <p>Activations of a block take 100 MB and more; blocks come one after another, so those of two blocks are kept.
 */
final class Teacher {

    private static final int BATCH = 250;
    private static final int KEPT_BLOCKS = 2;
    private static final int HELD_OUT_IMAGES = 2000;

    private final Artifacts artifacts;
    private final Map<String, BlockData> blocks = new LinkedHashMap<>(4, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, BlockData> eldest) {
            return size() > KEPT_BLOCKS;
        }
    };
    private final Map<String, FloatTensor> logits = new LinkedHashMap<>();

    Teacher(Artifacts artifacts) {
        this.artifacts = artifacts;
    }

    /**
     * The reference's activations around a block, on images for training and on held-out ones.
     *
     * @param inputs [images, channels, height, width]
     */
    record BlockData(FloatTensor inputs, FloatTensor outputs, FloatTensor heldOutInputs, FloatTensor heldOutOutputs) {}

    /** The reference's logits [images, classes] for the first images of the training set. */
    synchronized FloatTensor logits(RunRequest run, ImageDataset images) {
        return logits.computeIfAbsent(
                run.reference() + images.size(),
                key -> Inference.run(
                        artifacts.graph(run.reference()),
                        images.batch(0, images.size()),
                        BATCH,
                        SessionOptions.defaults()));
    }

    /** @param images of the training set to use */
    synchronized BlockData around(RunRequest run, Block block, Splits splits, int images) {
        String key = run.reference() + block.from() + ">" + block.to() + images;
        BlockData known = blocks.get(key);
        if (known != null) {
            return known;
        }
        Graph reference = artifacts.graph(run.reference());
        Map<String, FloatTensor> trained =
                activations(reference, block, splits.train().take(images));
        Map<String, FloatTensor> heldOut =
                activations(reference, block, splits.validation().take(HELD_OUT_IMAGES));
        BlockData data = new BlockData(
                trained.get(block.from()), trained.get(block.to()), heldOut.get(block.from()), heldOut.get(block.to()));
        blocks.put(key, data);
        return data;
    }

    private static Map<String, FloatTensor> activations(Graph reference, Block block, ImageDataset images) {
        return Activations.collect(
                reference,
                List.of(block.from(), block.to()),
                images.batch(0, images.size()),
                BATCH,
                SessionOptions.defaults());
    }
}
