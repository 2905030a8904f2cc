package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;

/** How good a network is on labelled images, computed by ONNX Runtime. */
public final class Evaluation {

    private static final int BATCH = 250;

    private Evaluation() {}

    /**
     * Top-1 accuracy as a fraction.
     *
     * @param graph input [N, channels, height, width], first output [N, classes]; its metadata say how pixels are normalised
     * @throws BadInputException if the network does not fit the images
     */
    public static double accuracy(Graph graph, ImageDataset dataset, int threads) {
        FloatTensor logits = logits(graph, dataset, threads);
        return accuracy(logits, dataset.labels());
    }

    /**
     * The network's first output for every image, in order: [images, classes].
     *
     * @throws BadInputException if the network does not fit the images
     */
    public static FloatTensor logits(Graph graph, ImageDataset dataset, int threads) {
        ImageDataset images = dataset.fitting(graph);
        try (Session session = Session.open(graph, SessionOptions.defaults().withThreads(threads))) {
            float[] logits = new float[images.size() * images.classes()];
            for (int from = 0; from < images.size(); from += BATCH) {
                int to = Math.min(images.size(), from + BATCH);
                FloatTensor made = session.run(images.batch(from, to));
                if (made.data().length != (to - from) * images.classes()) {
                    throw new BadInputException("network '%s' gives %s for %d images of %d classes"
                            .formatted(
                                    graph.name(),
                                    java.util.Arrays.toString(made.shape()),
                                    to - from,
                                    images.classes()));
                }
                System.arraycopy(made.data(), 0, logits, from * images.classes(), made.data().length);
            }
            return new FloatTensor(logits, images.size(), images.classes());
        }
    }

    /**
     * The share of items whose largest logit is that of their label; of equal ones the first counts.
     *
     * @param logits [items, classes]
     */
    public static double accuracy(FloatTensor logits, int[] labels) {
        int classes = logits.itemSize();
        int right = 0;
        for (int i = 0; i < labels.length; i++) {
            int best = 0;
            for (int j = 1; j < classes; j++) {
                if (logits.data()[i * classes + j] > logits.data()[i * classes + best]) {
                    best = j;
                }
            }
            if (best == labels[i]) {
                right++;
            }
        }
        return (double) right / labels.length;
    }
}
