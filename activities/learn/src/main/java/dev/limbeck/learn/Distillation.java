package dev.limbeck.learn;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import dev.limbeck.tensor.Compute;
import dev.limbeck.tensor.Losses;
import dev.limbeck.tensor.Tensor;
import java.util.Random;

/** Trains a network to give what a teacher gives (Hinton, Vinyals and Dean 2015). */
public final class Distillation {

    private Distillation() {}

    /** As {@link #distil(Graph, FloatTensor, ImageDataset, ImageDataset, TrainOptions, Progress, Checkpoints)}, without validation. */
    public static Trained distil(
            Graph student,
            FloatTensor teacherLogits,
            ImageDataset train,
            TrainOptions options,
            Progress progress,
            Checkpoints checkpoints) {
        return distil(student, teacherLogits, train, train.take(0), options, progress, checkpoints);
    }

    /** As {@link #distil(Graph, FloatTensor, ImageDataset, ImageDataset, TrainOptions, Compute, Progress, Checkpoints)}, on the CPU. */
    public static Trained distil(
            Graph student,
            FloatTensor teacherLogits,
            ImageDataset train,
            ImageDataset validation,
            TrainOptions options,
            Progress progress,
            Checkpoints checkpoints) {
        return distil(student, teacherLogits, train, validation, options, Compute.DEFAULT, progress, checkpoints);
    }

    /**
     * Trains all weights of the student by soft targets, and by the labels as far as {@link TrainOptions#distillationWeight} leaves
     * room for them. As repeatable as {@link Training#train}.
     *
     * @param teacherLogits [images, classes] for the training images in their order, not augmented; {@link Evaluation#logits} makes
     *     them
     * @param validation accuracy on these is reported after each epoch; may be empty
     * @param compute checkpoints of one device go on on any other
     * @throws BadInputException as in {@link Training#train}
     */
    public static Trained distil(
            Graph student,
            FloatTensor teacherLogits,
            ImageDataset train,
            ImageDataset validation,
            TrainOptions options,
            Compute compute,
            Progress progress,
            Checkpoints checkpoints) {
        Task task = task(student, teacherLogits, train, validation, options);
        return Loop.run(student, task, options, compute, progress, checkpoints);
    }

    /** What a student learns; see {@link #distil}. */
    static Task task(
            Graph student,
            FloatTensor teacherLogits,
            ImageDataset train,
            ImageDataset validation,
            TrainOptions options) {
        if (teacherLogits.batch() != train.size() || teacherLogits.itemSize() != train.classes()) {
            throw new BadInputException("the teacher's logits are of shape %s; %d images of %d classes need [%d, %d]"
                    .formatted(
                            java.util.Arrays.toString(teacherLogits.shape()),
                            train.size(),
                            train.classes(),
                            train.size(),
                            train.classes()));
        }
        Task labels = new Training.LabelTask("distil " + student.name(), train.fitting(student), validation, options);
        return new SoftTask(labels, teacherLogits, options);
    }

    /** Images, the teacher's logits, and the labels. */
    private record SoftTask(Task labels, FloatTensor teacherLogits, TrainOptions options) implements Task {

        @Override
        public String label() {
            return labels.label();
        }

        @Override
        public int items() {
            return labels.items();
        }

        @Override
        public String digest() {
            return "soft " + labels.digest() + Digests.of(teacherLogits);
        }

        @Override
        public FloatTensor input(int[] items, Random random) {
            return labels.input(items, random);
        }

        @Override
        public Tensor loss(Tensor output, int[] items) {
            double weight = options.distillationWeight();
            if (weight == 0) {
                return labels.loss(output, items);
            }
            Tensor soft = Losses.distillation(output, Tensor.gather(teacherLogits, items), options.temperature());
            return weight == 1
                    ? soft
                    : soft.times(weight).plus(labels.loss(output, items).times(1 - weight));
        }

        @Override
        public double validate(Graph graph) {
            return labels.validate(graph);
        }
    }
}
