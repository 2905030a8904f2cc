package dev.limbeck.bench;

import dev.limbeck.graph.Graph;
import dev.limbeck.learn.Evaluation;
import dev.limbeck.learn.ImageDataset;
import java.util.Locale;
import java.util.Random;

/**
 * Evaluation speed on the network of {@link NativeMemory#network()}, from bytes to logits, as one JSON line like that of
 * {@code bench/peers/evaluation_speed.py} for PyTorch. Arguments: threads (1), images (10000), passes (3).
 */
public final class EvaluationSpeed {

    private EvaluationSpeed() {}

    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT);
        int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
        int images = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
        int passes = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        Graph network = NativeMemory.network();
        byte[] pixels = new byte[images * 28 * 28];
        new Random(1).nextBytes(pixels);
        ImageDataset dataset = new ImageDataset(pixels, new int[images], 1, 28, 28, 10, 0.5f, 0.5f);
        Evaluation.logits(network, dataset.take(1000), threads);
        long start = System.nanoTime();
        for (int i = 0; i < passes; i++) {
            Evaluation.logits(network, dataset, threads);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "{\"who\": \"Limbeck\", \"threads\": %d, \"imagesPerSecond\": %.1f}%n",
                threads, passes * images / seconds);
    }
}
