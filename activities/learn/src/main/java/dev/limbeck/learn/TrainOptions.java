package dev.limbeck.learn;

import static java.util.Objects.requireNonNull;

import dev.limbeck.schemas.BadInputException;
import java.util.function.Consumer;

/**
 * How a network is trained. The learning rate rises linearly through the warm-up, then falls to 0 along a cosine.
 *
 * @param epochs passes over the training images; fractions are allowed
 * @param batchSize images a step; what is left over at the end of an epoch waits for the next one
 * @param learningRate at its highest
 * @param momentum of SGD
 * @param weightDecay of weights; biases and normalization have none
 * @param warmupEpochs epochs until the learning rate is at its highest
 * @param labelSmoothing share of the target that is spread over all classes
 * @param emaDecay of the moving average of weights that becomes the result, begun after the warm-up; 0 for none
 * @param augmentation of the training images
 * @param temperature of the soft targets in distillation
 * @param distillationWeight share of the soft targets in the loss of distillation; the labels have the rest
 * @param imagesPerEpoch images of which an epoch consists, drawn anew for each; 0 for all
 * @param seed of order and augmentation
 * @param threads of each operator; another number may give other bits
 */
public record TrainOptions(
        double epochs,
        int batchSize,
        OptimizerKind optimizer,
        double learningRate,
        double momentum,
        double weightDecay,
        double warmupEpochs,
        double labelSmoothing,
        double emaDecay,
        Augmentation augmentation,
        double temperature,
        double distillationWeight,
        int imagesPerEpoch,
        long seed,
        int threads) {

    public TrainOptions {
        requireNonNull(optimizer, "optimizer is null");
        requireNonNull(augmentation, "augmentation is null");
        check(epochs >= 0, "epochs", epochs, "at least 0");
        check(batchSize >= 1, "batchSize", batchSize, "at least 1");
        check(learningRate > 0, "learningRate", learningRate, "above 0");
        check(momentum >= 0 && momentum < 1, "momentum", momentum, "from 0 to below 1");
        check(weightDecay >= 0, "weightDecay", weightDecay, "at least 0");
        check(warmupEpochs >= 0, "warmupEpochs", warmupEpochs, "at least 0");
        check(labelSmoothing >= 0 && labelSmoothing < 1, "labelSmoothing", labelSmoothing, "from 0 to below 1");
        check(emaDecay >= 0 && emaDecay < 1, "emaDecay", emaDecay, "from 0 to below 1");
        check(temperature > 0, "temperature", temperature, "above 0");
        check(
                distillationWeight >= 0 && distillationWeight <= 1,
                "distillationWeight",
                distillationWeight,
                "from 0 to 1");
        check(imagesPerEpoch >= 0, "imagesPerEpoch", imagesPerEpoch, "at least 0");
        check(threads >= 1, "threads", threads, "at least 1");
    }

    /** For training from scratch on labels. */
    public static TrainOptions defaults() {
        return new TrainOptions(
                10, 128, OptimizerKind.SGD, 0.1, 0.9, 5e-4, 0.5, 0, 0, new Augmentation(2, true, 0), 4, 1, 0, 1, 1);
    }

    /** For finetuning by soft targets: a lower learning rate, and images as the teacher saw them. */
    public static TrainOptions finetuning() {
        return defaults()
                .withEpochs(3)
                .withOptimizer(OptimizerKind.ADAMW)
                .withLearningRate(2e-3)
                .withWeightDecay(0.01)
                .withWarmupEpochs(0.1)
                .withAugmentation(Augmentation.NONE);
    }

    /** For finetuning what a network was compressed to: it starts near its teacher, and labels tell it what that has not learnt yet. */
    public static TrainOptions finetuningCompressed() {
        return finetuning().withBatchSize(64).withLearningRate(1e-3).withDistillationWeight(0.4);
    }

    public TrainOptions withEpochs(double value) {
        return edited(e -> e.epochs = value);
    }

    public TrainOptions withBatchSize(int value) {
        return edited(e -> e.batchSize = value);
    }

    public TrainOptions withOptimizer(OptimizerKind value) {
        return edited(e -> e.optimizer = value);
    }

    public TrainOptions withLearningRate(double value) {
        return edited(e -> e.learningRate = value);
    }

    public TrainOptions withMomentum(double value) {
        return edited(e -> e.momentum = value);
    }

    public TrainOptions withWeightDecay(double value) {
        return edited(e -> e.weightDecay = value);
    }

    public TrainOptions withWarmupEpochs(double value) {
        return edited(e -> e.warmupEpochs = value);
    }

    public TrainOptions withLabelSmoothing(double value) {
        return edited(e -> e.labelSmoothing = value);
    }

    public TrainOptions withEmaDecay(double value) {
        return edited(e -> e.emaDecay = value);
    }

    public TrainOptions withAugmentation(Augmentation value) {
        return edited(e -> e.augmentation = value);
    }

    public TrainOptions withTemperature(double value) {
        return edited(e -> e.temperature = value);
    }

    public TrainOptions withDistillationWeight(double value) {
        return edited(e -> e.distillationWeight = value);
    }

    public TrainOptions withImagesPerEpoch(int value) {
        return edited(e -> e.imagesPerEpoch = value);
    }

    public TrainOptions withSeed(long value) {
        return edited(e -> e.seed = value);
    }

    public TrainOptions withThreads(int value) {
        return edited(e -> e.threads = value);
    }

    private TrainOptions edited(Consumer<Edit> change) {
        Edit edit = new Edit(this);
        change.accept(edit);
        return edit.build();
    }

    private static void check(boolean holds, String name, double value, String wanted) {
        if (!holds) {
            throw new BadInputException(name + " is " + value + ", but must be " + wanted);
        }
    }

    /** A copy whose fields can be set; so that each wither is one line. */
    private static final class Edit {
        private double epochs;
        private int batchSize;
        private OptimizerKind optimizer;
        private double learningRate;
        private double momentum;
        private double weightDecay;
        private double warmupEpochs;
        private double labelSmoothing;
        private double emaDecay;
        private Augmentation augmentation;
        private double temperature;
        private double distillationWeight;
        private int imagesPerEpoch;
        private long seed;
        private int threads;

        private Edit(TrainOptions from) {
            epochs = from.epochs;
            batchSize = from.batchSize;
            optimizer = from.optimizer;
            learningRate = from.learningRate;
            momentum = from.momentum;
            weightDecay = from.weightDecay;
            warmupEpochs = from.warmupEpochs;
            labelSmoothing = from.labelSmoothing;
            emaDecay = from.emaDecay;
            augmentation = from.augmentation;
            temperature = from.temperature;
            distillationWeight = from.distillationWeight;
            imagesPerEpoch = from.imagesPerEpoch;
            seed = from.seed;
            threads = from.threads;
        }

        private TrainOptions build() {
            return new TrainOptions(
                    epochs,
                    batchSize,
                    optimizer,
                    learningRate,
                    momentum,
                    weightDecay,
                    warmupEpochs,
                    labelSmoothing,
                    emaDecay,
                    augmentation,
                    temperature,
                    distillationWeight,
                    imagesPerEpoch,
                    seed,
                    threads);
        }
    }
}
