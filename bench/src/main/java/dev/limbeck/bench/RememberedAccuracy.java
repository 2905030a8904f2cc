package dev.limbeck.bench;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.Samples;
import dev.limbeck.quantize.LayerCheckpoints;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.store.ArtifactStore;
import dev.limbeck.store.Digests;
import dev.limbeck.store.FolderStore;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Top-1 of quantized networks on test images, computed in floats as the files say: integer kernels of processors without VNNI saturate,
 * which is no matter of bits. What was measured stays in a folder, so that an interrupted page goes on.
 */
final class RememberedAccuracy implements LayerCheckpoints {

    private static final int BATCH = 64;

    private final ArtifactStore store;
    private final String network;
    private final Samples test;

    /** @param network digest of the float network that all is about */
    RememberedAccuracy(Path folder, String network, Samples test) {
        this.store = new FolderStore(folder);
        this.network = network;
        this.test = test;
    }

    /** @param key that tells the network from all others */
    double of(String key, Supplier<Graph> quantized) {
        return once("accuracy " + key, () -> measure(quantized.get()));
    }

    private double measure(Graph quantized) {
        FloatTensor logits = Inference.run(
                quantized,
                test.batch(0, test.size()),
                BATCH,
                SessionOptions.defaults().withConfig("session.disable_quant_qdq", "1"));
        return Evaluation.accuracy(logits, test.labels());
    }

    @Override
    public Optional<byte[]> recall(String key) {
        return store.recall(Digests.ofParts("mixed-precision-page", network, key));
    }

    @Override
    public void remember(String key, byte[] value) {
        store.remember(Digests.ofParts("mixed-precision-page", network, key), value);
    }
}
