package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;

/**
 * What a network is trained with in the form in which it will be quantized.
 *
 * @param network of floats; it is the teacher too
 * @param train that fit it
 * @param few of these, which the first ranges are chosen by: (images, channels, height, width)
 */
record QuantizingData(Graph network, ImageDataset train, ImageDataset validation, FloatTensor few) {

    static QuantizingData of(Graph network, ImageDataset train, ImageDataset validation, int calibrationImages) {
        ImageDataset fitting = train.fitting(network);
        FloatTensor few = fitting.batch(0, Math.min(calibrationImages, fitting.size()));
        return new QuantizingData(network, fitting, validation, few);
    }

    /** The teacher's answers to all training images: (images, classes). */
    FloatTensor logits(int threads) {
        return Evaluation.logits(network, train, threads);
    }
}
