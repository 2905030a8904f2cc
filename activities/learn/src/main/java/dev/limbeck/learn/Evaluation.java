package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** How good a network is on labelled images, computed by ONNX Runtime. */
public final class Evaluation {

    /** Larger ones are slower: activations of the first layers no longer fit the processor's caches. */
    private static final int BATCH = 16;

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
     * <p>Each thread runs batches of its own on one thread of ONNX Runtime, so the bits do not depend on the number of threads.
     *
     * @throws BadInputException if the network does not fit the images
     */
    public static FloatTensor logits(Graph graph, ImageDataset dataset, int threads) {
        ImageDataset images = dataset.fitting(graph);
        float[] logits = new float[images.size() * images.classes()];
        try (Session session = Session.open(graph, SessionOptions.defaults());
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            AtomicInteger next = new AtomicInteger();
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                workers.add(pool.submit(() -> {
                    for (int from = next.getAndAdd(BATCH); from < images.size(); from = next.getAndAdd(BATCH)) {
                        run(graph, session, images, from, logits);
                    }
                }));
            }
            for (Future<?> worker : workers) {
                worker.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("the evaluation of network '" + graph.name() + "' was interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
        return new FloatTensor(logits, images.size(), images.classes());
    }

    private static void run(Graph graph, Session session, ImageDataset images, int from, float[] logits) {
        int to = Math.min(images.size(), from + BATCH);
        FloatTensor made = session.run(images.batch(from, to));
        if (made.data().length != (to - from) * images.classes()) {
            throw new BadInputException("network '%s' gives %s for %d images of %d classes"
                    .formatted(graph.name(), Arrays.toString(made.shape()), to - from, images.classes()));
        }
        System.arraycopy(made.data(), 0, logits, from * images.classes(), made.data().length);
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
