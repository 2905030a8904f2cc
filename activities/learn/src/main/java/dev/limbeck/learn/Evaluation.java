package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.runtime.Divergence;
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
     * @param samples with labels
     * @throws BadInputException if the network does not fit them, or they have no labels
     */
    public static double accuracy(Graph graph, Samples samples, int threads) {
        return accuracy(graph, samples, threads, SessionOptions.defaults());
    }

    /** As above. @param settings of the runtime, on one thread of its own */
    public static double accuracy(Graph graph, Samples samples, int threads, SessionOptions settings) {
        if (!samples.isLabelled()) {
            throw new BadInputException("the data have no labels, without which no accuracy can be told");
        }
        FloatTensor logits = logits(graph, samples, threads, settings);
        return accuracy(logits, samples.labels());
    }

    /**
     * The network's first output for every item, in order: [items, elements of an item's output], which are classes as a rule.
     *
     * <p>Each thread runs batches of its own on one thread of ONNX Runtime, so the bits do not depend on the number of threads.
     *
     * @throws BadInputException if the network does not fit the images
     */
    public static FloatTensor logits(Graph graph, Samples samples, int threads) {
        return logits(graph, samples, threads, SessionOptions.defaults());
    }

    private static FloatTensor logits(Graph graph, Samples samples, int threads, SessionOptions settings) {
        Samples fitting = samples.fitting(graph);
        FloatTensor[] batches = new FloatTensor[Math.ceilDiv(fitting.size(), BATCH)];
        try (Session session = Session.open(graph, settings);
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            AtomicInteger next = new AtomicInteger();
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                workers.add(pool.submit(() -> {
                    for (int b = next.getAndIncrement(); b < batches.length; b = next.getAndIncrement()) {
                        batches[b] = run(graph, session, fitting, b * BATCH);
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
        int itemSize = batches.length == 0 ? 0 : batches[0].itemSize();
        float[] logits = new float[fitting.size() * itemSize];
        for (int i = 0; i < batches.length; i++) {
            System.arraycopy(batches[i].data(), 0, logits, i * BATCH * itemSize, batches[i].data().length);
        }
        return new FloatTensor(logits, fitting.size(), itemSize);
    }

    private static FloatTensor run(Graph graph, Session session, Samples samples, int from) {
        int to = Math.min(samples.size(), from + BATCH);
        FloatTensor made = session.run(samples.batch(from, to));
        if (made.shape().length == 0 || made.batch() != to - from) {
            throw new BadInputException("network '%s' gives %s for %d items; its first dimension must be theirs"
                    .formatted(graph.name(), Arrays.toString(made.shape()), to - from));
        }
        return made;
    }

    /**
     * How much stronger a network's output is than the error in it: 10 log10(sum x^2 / sum (x - y)^2), in decibels; infinite where both
     * are the same.
     */
    public static double sqnr(FloatTensor expected, FloatTensor actual) {
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < expected.data().length; i++) {
            double error = expected.data()[i] - (double) actual.data()[i];
            signal += expected.data()[i] * (double) expected.data()[i];
            noise += error * error;
        }
        return 10 * Math.log10(signal / noise);
    }

    /**
     * How far a network's answers are from those of another: the mean Kullback-Leibler divergence of their softmax, in nats; 0 where both
     * are the same.
     *
     * @param expected logits, [items, classes]
     * @param actual [items, classes]
     */
    public static double divergence(FloatTensor expected, FloatTensor actual) {
        return Divergence.of(expected, actual);
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
