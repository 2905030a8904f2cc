package dev.limbeck.workers.gpu;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import dev.limbeck.learn.Splits;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.search.Block;
import dev.limbeck.store.Digests;
import dev.limbeck.workflows.RunRequest;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What the reference says about the data: its logits and the activations between blocks, computed once by ONNX Runtime and kept
 * while the work that needs them goes on.
 */
final class Teacher {

    /** Changes whenever the same inputs would give other logits. */
    private static final int LOGITS_VERSION = 2;

    /** Small enough for the processor's caches. */
    private static final int BATCH = 16;

    private static final int HELD_OUT_IMAGES = 2000;

    /** Activations take hundreds of MB; a run needs those for calibration and those for the library. */
    private static final int KEPT = 2;

    private final Artifacts artifacts;
    private final Map<String, Map<String, FloatTensor>> activations = new LinkedHashMap<>(4, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Map<String, FloatTensor>> eldest) {
            return size() > KEPT;
        }
    };
    private final Map<String, FloatTensor> logits = new HashMap<>();

    Teacher(Artifacts artifacts) {
        this.artifacts = artifacts;
    }

    /**
     * The reference's activations around a block, on images for training and on held-out ones.
     *
     * @param inputs [images, channels, height, width]
     */
    record BlockData(FloatTensor inputs, FloatTensor outputs, FloatTensor heldOutInputs, FloatTensor heldOutOutputs) {}

    /** The reference's logits [images, classes] for the given images of the training set, computed once for all workers. */
    synchronized FloatTensor logits(RunRequest run, ImageDataset images) {
        return logits.computeIfAbsent(
                Digests.ofParts("logits", LOGITS_VERSION, run.reference(), images.digest()),
                key -> artifacts.tensor(artifacts.once(
                        key,
                        TensorArtifact.class,
                        () -> artifacts.put(Evaluation.logits(artifacts.graph(run.reference()), images, 1)))));
    }

    /**
     * @param blocks all blocks of the space: their activations come from one pass over the images
     * @param images of the training set to use
     */
    synchronized BlockData around(RunRequest run, List<Block> blocks, int block, Splits splits, int images) {
        List<String> ends = blocks.stream()
                .flatMap(b -> Stream.of(b.from(), b.to()))
                .distinct()
                .toList();
        String key = run.reference() + ends + images;
        Map<String, FloatTensor> trained = activations.get(key);
        if (trained == null) {
            Graph reference = artifacts.graph(run.reference());
            trained =
                    new LinkedHashMap<>(collect(reference, ends, splits.train().take(images)));
            for (Map.Entry<String, FloatTensor> entry : collect(
                            reference, ends, splits.validation().take(HELD_OUT_IMAGES))
                    .entrySet()) {
                trained.put(heldOut(entry.getKey()), entry.getValue());
            }
            activations.put(key, trained);
        }
        String from = blocks.get(block).from();
        String to = blocks.get(block).to();
        return new BlockData(trained.get(from), trained.get(to), trained.get(heldOut(from)), trained.get(heldOut(to)));
    }

    private static String heldOut(String tensor) {
        return "held out " + tensor;
    }

    private static Map<String, FloatTensor> collect(Graph reference, List<String> tensors, ImageDataset images) {
        ImageDataset fitting = images.fitting(reference);
        return Activations.collect(
                reference, tensors, fitting.batch(0, fitting.size()), BATCH, SessionOptions.defaults());
    }
}
