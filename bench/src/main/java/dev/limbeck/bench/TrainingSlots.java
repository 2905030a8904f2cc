package dev.limbeck.bench;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.tensor.Optimizer;
import dev.limbeck.tensor.Optimizers;
import dev.limbeck.tensor.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;

/**
 * Training speed of two slots of one thread each, together, against one slot of two threads, in turns, on the network of
 * {@link NativeMemory#network()}. The bar is 1.1. Arguments: rounds (5), steps of a slot in a round (40), batch (128).
 */
public final class TrainingSlots {

    private static final int WARM_UP_STEPS = 8;

    private final int steps;
    private final int batch;

    private TrainingSlots(int steps, int batch) {
        this.steps = steps;
        this.batch = batch;
    }

    public static void main(String[] arguments) throws InterruptedException {
        Locale.setDefault(Locale.ROOT);
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        int steps = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 40;
        int batch = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 128;
        TrainingSlots bench = new TrainingSlots(steps, batch);
        double[] ratios = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            double one = bench.imagesPerSecond(1, 2);
            double two = bench.imagesPerSecond(2, 1);
            ratios[round] = two / one;
            System.out.printf(
                    "round %d: one slot of two threads %.0f images/s, two slots of one thread %.0f images/s, ratio %.2f%n",
                    round + 1, one, two, ratios[round]);
        }
        Arrays.sort(ratios);
        System.out.printf("median ratio %.2f%n", ratios[rounds / 2]);
    }

    /** All slots start together after their warm-up; the time is until the last one is done. */
    private double imagesPerSecond(int slots, int threads) throws InterruptedException {
        CyclicBarrier warm = new CyclicBarrier(slots + 1);
        List<Thread> workers = new ArrayList<>();
        for (int slot = 0; slot < slots; slot++) {
            workers.add(Thread.ofPlatform().start(() -> train(threads, warm)));
        }
        await(warm);
        long start = System.nanoTime();
        for (Thread worker : workers) {
            worker.join();
        }
        return (double) slots * steps * batch / ((System.nanoTime() - start) / 1e9);
    }

    private void train(int threads, CyclicBarrier warm) {
        Threads.limitTo(threads);
        try (GraphExecutor executor = GraphExecutor.compile(NativeMemory.network());
                Optimizer optimizer = Optimizers.sgd(executor.parameters(), 0.9, true, 5e-4)) {
            FloatTensor images = NativeMemory.images(batch);
            int[] items = IntStream.range(0, batch).toArray();
            int[] labels = new SplittableRandom(1).ints(batch, 0, 10).toArray();
            ExecutorSpeed.train(executor, optimizer, images, items, labels, WARM_UP_STEPS);
            await(warm);
            ExecutorSpeed.train(executor, optimizer, images, items, labels, steps);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException("a slot did not come to its start", e);
        }
    }
}
