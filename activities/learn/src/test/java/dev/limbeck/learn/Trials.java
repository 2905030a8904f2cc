package dev.limbeck.learn;

import dev.limbeck.graph.Graph;

/** Small things to train on real images within a second or two. */
final class Trials {

    private Trials() {}

    static Graph network(long seed) {
        return Networks.mobileNetV3Like(
                ImageInput.of(train(1)),
                10,
                8,
                new int[] {16, 24},
                new int[] {2, 2},
                1,
                3,
                2,
                Activation.RELU,
                false,
                32,
                seed);
    }

    static ImageDataset train(int images) {
        return TestData.fashionMnist().train().take(images);
    }

    static ImageDataset validation() {
        return TestData.fashionMnist().validation().take(1_000);
    }

    static ImageDataset none() {
        return TestData.fashionMnist().validation().take(0);
    }

    static TrainOptions options() {
        return TrainOptions.defaults()
                .withEpochs(2)
                .withBatchSize(64)
                .withLearningRate(0.2)
                .withWarmupEpochs(0.2)
                .withAugmentation(Augmentation.NONE);
    }
}
