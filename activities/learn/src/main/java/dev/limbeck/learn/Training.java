package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import dev.limbeck.tensor.Compute;
import dev.limbeck.tensor.Losses;
import dev.limbeck.tensor.Tensor;
import java.util.Arrays;
import java.util.Random;

/** Trains a network on labels. */
public final class Training {

    private Training() {}

    /**
     * Trains all weights by cross-entropy. The same graph, data and options give the same bits, also when the work was interrupted
     * and taken up from a checkpoint.
     *
     * @param graph input [N, channels, height, width], output [N, classes]; pixels are normalised as its metadata say, else as the
     *     dataset says, which is then written into the result's metadata
     * @param validation accuracy on these is reported after each epoch; may be empty
     * @throws BadInputException if an operator cannot be trained, the network does not fit the images, the checkpoint belongs to
     *     another training, or the loss is no number any more
     */
    public static Trained train(
            Graph graph,
            ImageDataset train,
            ImageDataset validation,
            TrainOptions options,
            Progress progress,
            Checkpoints checkpoints) {
        ImageDataset images = train.fitting(graph);
        Graph network = images.normalization().writeTo(graph);
        Task task = new LabelTask("train " + graph.name(), images, validation, options);
        return Loop.run(network, task, options, Compute.DEFAULT, progress, checkpoints);
    }

    /** Images and their labels. */
    record LabelTask(String label, ImageDataset images, ImageDataset validation, TrainOptions options) implements Task {

        @Override
        public int items() {
            return images.size();
        }

        @Override
        public String digest() {
            return "labels " + images.digest();
        }

        @Override
        public FloatTensor input(int[] items, Random random) {
            return options.augmentation().batch(images, items, random);
        }

        @Override
        public Tensor loss(Tensor output, int[] items) {
            int[] labels = Arrays.stream(items).map(i -> images.labels()[i]).toArray();
            return Losses.crossEntropy(output, labels, options.labelSmoothing());
        }

        @Override
        public double validate(Graph graph) {
            return validation.size() == 0 ? Double.NaN : Evaluation.accuracy(graph, validation, options.threads());
        }
    }
}
