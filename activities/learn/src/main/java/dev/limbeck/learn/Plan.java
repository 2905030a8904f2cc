package dev.limbeck.learn;

import java.util.Arrays;
import java.util.Random;

/**
 * Which items each step of a training sees, and at what learning rate: a function of the options and the step alone, so that a
 * training taken up in the middle goes on as if nothing had happened.
 */
final class Plan {

    /** Keeps the random stream of the order apart from those of the batches. */
    private static final long ORDER = -1;

    private final TrainOptions options;
    private final int items;
    private final int batch;
    private final int stepsPerEpoch;
    private final long steps;
    private final long warmupSteps;
    private int[] order;
    private long orderedEpoch = -1;

    /** @param items in the whole dataset */
    Plan(TrainOptions options, int items) {
        this.options = options;
        this.items = items;
        int perEpoch = options.imagesPerEpoch() == 0 ? items : Math.min(items, options.imagesPerEpoch());
        batch = Math.min(options.batchSize(), perEpoch);
        stepsPerEpoch = perEpoch / batch;
        steps = options.epochs() == 0 ? 0 : Math.max(1, Math.round(options.epochs() * stepsPerEpoch));
        warmupSteps = Math.min(steps, Math.round(options.warmupEpochs() * stepsPerEpoch));
    }

    long steps() {
        return steps;
    }

    /** The first step after the warm-up. */
    long warmupSteps() {
        return warmupSteps;
    }

    int batchSize() {
        return batch;
    }

    /** From 0. */
    long epoch(long step) {
        return step / stepsPerEpoch;
    }

    boolean endsEpoch(long step) {
        return (step + 1) % stepsPerEpoch == 0 || step + 1 == steps;
    }

    /** Epochs done after this many steps. */
    double epochs(long doneSteps) {
        return (double) doneSteps / stepsPerEpoch;
    }

    /** Steps done of the epoch that is under way, or has just ended, after this many steps in all. */
    long stepsInEpoch(long doneSteps) {
        return doneSteps - epoch(doneSteps - 1) * stepsPerEpoch;
    }

    /** Positions in the dataset. */
    int[] items(long step) {
        long epoch = epoch(step);
        if (epoch != orderedEpoch) {
            order = Shuffle.permutation(items, new Random(Shuffle.seed(options.seed(), epoch, ORDER)));
            orderedEpoch = epoch;
        }
        int from = (int) (step % stepsPerEpoch) * batch;
        return Arrays.copyOfRange(order, from, from + batch);
    }

    /** The stream for the augmentation of a step. */
    Random random(long step) {
        return new Random(Shuffle.seed(options.seed(), epoch(step), step));
    }

    /** Linear up to the peak, then half a cosine down to 0 (Loshchilov and Hutter 2017, eq. 5, one cycle). */
    double learningRate(long step) {
        if (step < warmupSteps) {
            return options.learningRate() * (step + 1) / (warmupSteps + 1);
        }
        double done = (double) (step - warmupSteps) / Math.max(1, steps - warmupSteps);
        return options.learningRate() * 0.5 * (1 + Math.cos(Math.PI * done));
    }
}
