package dev.limbeck.compress;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Items;
import java.util.Map;
import java.util.function.Consumer;

/** Images by which layers are fitted. */
record FitImages(Items items) {

    private static final int MOST = 500;

    /** Positions of all images together; a convolution of 64 channels has 577 unknowns an output. */
    private static final int SAMPLES = 30_000;

    private static final int BATCH = 32;

    /** @param images [images, ...], at least one */
    static FitImages of(Graph network, FloatTensor images) {
        return new FitImages(Items.of(network, images.slice(0, Math.min(MOST, images.batch()))));
    }

    /** How many positions of each to look at. */
    int positions() {
        return Math.ceilDiv(SAMPLES, items.count());
    }

    /** @param consumer gets the network's inputs */
    void forEachBatch(Consumer<Map<String, FloatTensor>> consumer) {
        for (int from = 0; from < items.count(); from += BATCH) {
            consumer.accept(
                    items.slice(from, Math.min(items.count(), from + BATCH)).inputs());
        }
    }
}
