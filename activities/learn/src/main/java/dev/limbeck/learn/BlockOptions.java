package dev.limbeck.learn;

/**
 * How a block is distilled: AdamW, a short warm-up, a cosine to 0.
 *
 * @param epochs passes over the cached activations; fractions are allowed
 * @param batchSize items a step
 * @param learningRate at its highest
 * @param weightDecay of weights; biases and normalization have none
 * @param warmup share of the steps until the learning rate is at its highest
 * @param seed of the order
 * @param threads of each operator; another number may give other bits
 */
public record BlockOptions(
        double epochs, int batchSize, double learningRate, double weightDecay, double warmup, long seed, int threads) {

    /** One epoch of batches of 128. */
    public static BlockOptions defaults() {
        return new BlockOptions(1, 128, 1e-2, 0.01, 0.15, 1, 1);
    }

    public BlockOptions withEpochs(double value) {
        return new BlockOptions(value, batchSize, learningRate, weightDecay, warmup, seed, threads);
    }

    public BlockOptions withBatchSize(int value) {
        return new BlockOptions(epochs, value, learningRate, weightDecay, warmup, seed, threads);
    }

    public BlockOptions withLearningRate(double value) {
        return new BlockOptions(epochs, batchSize, value, weightDecay, warmup, seed, threads);
    }

    public BlockOptions withSeed(long value) {
        return new BlockOptions(epochs, batchSize, learningRate, weightDecay, warmup, value, threads);
    }

    public BlockOptions withThreads(int value) {
        return new BlockOptions(epochs, batchSize, learningRate, weightDecay, warmup, seed, value);
    }

    TrainOptions asTrainOptions() {
        return TrainOptions.defaults()
                .withEpochs(epochs)
                .withBatchSize(batchSize)
                .withOptimizer(OptimizerKind.ADAMW)
                .withLearningRate(learningRate)
                .withWeightDecay(weightDecay)
                .withWarmupEpochs(warmup * epochs)
                .withAugmentation(Augmentation.NONE)
                .withSeed(seed)
                .withThreads(threads);
    }
}
