package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.TrainableQuantization;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import dev.limbeck.tensor.Compute;
import java.util.Optional;

/** Trains a network in the form in which it will be quantized, by what the float network gives (Esser et al. 2020; Hinton et al. 2015). */
public final class QuantizationAwareTraining {

    private QuantizationAwareTraining() {}

    /** Three epochs of AdamW; the learning rate suits networks of 4 bits. */
    public static TrainOptions options() {
        return TrainOptions.finetuning()
                .withLearningRate(1e-3)
                .withBatchSize(64)
                .withWeightDecay(0);
    }

    /**
     * The same arguments give the same bytes, also when the work was interrupted and taken up from a checkpoint.
     *
     * @param network of floats; it is the teacher too
     * @param train labels do not matter unless {@link TrainOptions#distillationWeight} is below 1
     * @param validation accuracy on these is reported after each epoch; may be empty
     * @param calibrationImages of the training images, which the first scales are chosen by
     * @param checkpoints of this network with these images and options, and no others
     * @throws BadInputException if the network cannot be quantized or trained so, or the loss is no number any more
     */
    public static Quantized train(
            Graph network,
            ImageDataset train,
            ImageDataset validation,
            int calibrationImages,
            QuantizeOptions quantization,
            TrainOptions options,
            Progress progress,
            Checkpoints checkpoints) {
        ImageDataset images = train.fitting(network);
        FloatTensor few = few(images, calibrationImages);
        TrainableQuantization trainable = TrainableQuantization.of(network, few, quantization, progress);
        return finetune(trainable, network, images, validation, options, progress, checkpoints);
    }

    /**
     * As {@link #train}, by relaxed quantization: in training values fall to one of the two points of the grid around them at random
     * (Louizos et al. 2019).
     */
    public static Quantized trainRelaxed(
            Graph network,
            ImageDataset train,
            ImageDataset validation,
            int calibrationImages,
            QuantizeOptions quantization,
            TrainOptions options,
            Progress progress,
            Checkpoints checkpoints) {
        ImageDataset images = train.fitting(network);
        FloatTensor few = few(images, calibrationImages);
        TrainableQuantization trainable = TrainableQuantization.relaxed(network, few, quantization, progress);
        return finetune(trainable, network, images, validation, options, progress, checkpoints);
    }

    /** @param images that fit the network; @return those of them that first scales are chosen by */
    static FloatTensor few(ImageDataset images, int calibrationImages) {
        return images.batch(0, Math.min(calibrationImages, images.size()));
    }

    /** @param teacher of floats */
    static Quantized finetune(
            TrainableQuantization trainable,
            Graph teacher,
            ImageDataset images,
            ImageDataset validation,
            TrainOptions options,
            Progress progress,
            Checkpoints checkpoints) {
        FloatTensor logits = Evaluation.logits(teacher, images, options.threads());
        Task task = Distillation.task(trainable.graph(), logits, images, validation, options);
        Task quantizing =
                new QuantizingTask(task, graph -> trainable.quantized(graph).graph(), parameters -> Optional.empty());
        return trainable.quantized(
                Loop.run(trainable.graph(), quantizing, options, Compute.DEFAULT, progress, checkpoints)
                        .graph());
    }
}
