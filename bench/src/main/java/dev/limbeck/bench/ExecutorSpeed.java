package dev.limbeck.bench;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.tensor.Losses;
import dev.limbeck.tensor.Mode;
import dev.limbeck.tensor.Optimizer;
import dev.limbeck.tensor.Optimizers;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import dev.limbeck.tensor.Threads;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Training speed of the executor on the network of {@link NativeMemory#network()}, and prints one JSON line as
 * {@code bench/peers/training_speed.py} does for PyTorch. Arguments: threads (1), steps (60), batch (128).
 */
public final class ExecutorSpeed {

    private ExecutorSpeed() {}

    public static void main(String[] arguments) {
        int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
        int steps = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 60;
        int batch = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 128;
        Threads.limitTo(threads);
        try (GraphExecutor executor = GraphExecutor.compile(NativeMemory.network());
                Optimizer optimizer = Optimizers.sgd(executor.parameters(), 0.9, true, 5e-4)) {
            FloatTensor images = NativeMemory.images(batch);
            int[] items = IntStream.range(0, batch).toArray();
            int[] labels = new SplittableRandom(1).ints(batch, 0, 10).toArray();
            train(executor, optimizer, images, items, labels, 10);
            long cpu = cpuNanos();
            long start = System.nanoTime();
            train(executor, optimizer, images, items, labels, steps);
            double seconds = (System.nanoTime() - start) / 1e9;
            double cpuMillis = (cpuNanos() - cpu) / 1e6;
            System.out.printf(
                    "{\"who\": \"Limbeck\", \"threads\": %d, \"imagesPerSecond\": %.1f, \"cpuMillisPerStep\": %.1f}%n",
                    threads, steps * batch / seconds, cpuMillis / steps);
        }
    }

    static void train(
            GraphExecutor executor, Optimizer optimizer, FloatTensor images, int[] items, int[] labels, int steps) {
        for (int i = 0; i < steps; i++) {
            try (TensorScope scope = TensorScope.open()) {
                optimizer.zeroGradients();
                Tensor logits = executor.forward(Tensor.gather(images, items), Mode.TRAIN);
                Losses.crossEntropy(logits, labels, 0).backward();
                optimizer.step(0.05);
            }
        }
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
