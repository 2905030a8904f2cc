package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class DistillationTest {

    @Test
    void theStudentComesToAgreeWithItsTeacher() {
        Graph teacher = Training.train(
                        Trials.network(1),
                        Trials.train(4_000),
                        Trials.none(),
                        Trials.options(),
                        Progress.NONE,
                        Checkpoints.none())
                .graph();
        ImageDataset images = Trials.train(4_000);
        FloatTensor logits = Evaluation.logits(teacher, images, 1);
        Graph student = Trials.network(2);
        TrainOptions options =
                TrainOptions.finetuning().withEpochs(2).withBatchSize(64).withLearningRate(0.02);
        Trained trained = Distillation.distil(
                student, logits, images, Trials.validation(), options, Progress.NONE, Checkpoints.none());

        assertThat(agreement(trained.graph(), teacher)).isGreaterThan(0.7);
        assertThat(agreement(student, teacher)).isLessThan(0.3);
        assertThat(trained.history().getLast().validationAccuracy()).isGreaterThan(0.6);
    }

    @Test
    void labelsCountAsMuchAsTheSoftTargetsLeaveThem() {
        ImageDataset images = Trials.train(256);
        FloatTensor nonsense = new FloatTensor(new float[256 * 10], 256, 10);
        TrainOptions options = Trials.options().withEpochs(1).withDistillationWeight(0);
        Graph byLabels = Training.train(
                        Trials.network(2), images, Trials.none(), options, Progress.NONE, Checkpoints.none())
                .graph();
        assertThat(distil(nonsense, options).digest()).isEqualTo(byLabels.digest());
        assertThat(distil(nonsense, options.withDistillationWeight(0.5)).digest())
                .isNotEqualTo(byLabels.digest());
    }

    @Test
    void logitsOfOtherImagesAreRefused() {
        FloatTensor tooFew = new FloatTensor(new float[100], 10, 10);
        assertThatThrownBy(() -> distil(tooFew, Trials.options()))
                .isInstanceOf(BadInputException.class)
                .hasMessage("the teacher's logits are of shape [10, 10]; 256 images of 10 classes need [256, 10]");
    }

    @Test
    void aBlockComesNearItsTeacherAlsoOnItemsThatItNeverSaw() {
        FloatTensor inputs = Trials.train(2_500).images();
        FloatTensor outputs = Inference.run(block(1, 5, 32), inputs, 250, SessionOptions.defaults());
        Graph student = block(2, 3, 16);
        FloatTensor heldOutInputs = inputs.slice(2_000, 2_500);
        FloatTensor heldOutOutputs = outputs.slice(2_000, 2_500);
        BlockOptions options =
                BlockOptions.defaults().withEpochs(2).withBatchSize(64).withLearningRate(0.02);
        TrainedBlock trained = BlockDistillation.train(
                student,
                inputs.slice(0, 2_000),
                outputs.slice(0, 2_000),
                heldOutInputs,
                heldOutOutputs,
                options,
                Progress.NONE);

        float[] inverseVariance = NoiseToSignal.inverseVariance(outputs.slice(0, 2_000));
        double before = BlockDistillation.measure(
                student, heldOutInputs, heldOutOutputs, inverseVariance, SessionOptions.defaults());
        assertThat(before).isGreaterThan(1);
        assertThat(trained.validationNoiseToSignal()).isLessThan(before / 3).isPositive();
        assertThat(trained.trainingNoiseToSignal()).isCloseTo(trained.validationNoiseToSignal(), within(0.05));

        Graph again = BlockDistillation.train(
                        student,
                        inputs.slice(0, 2_000),
                        outputs.slice(0, 2_000),
                        heldOutInputs,
                        heldOutOutputs,
                        options,
                        Progress.NONE)
                .graph();
        assertThat(again.digest()).isEqualTo(trained.graph().digest());
    }

    @Test
    void aBlockOfAnotherShapeIsRefusedBeforeTraining() {
        FloatTensor inputs = Trials.train(10).images();
        FloatTensor outputs = new FloatTensor(new float[10 * 8 * 7 * 7], 10, 8, 7, 7);
        assertThatThrownBy(() -> BlockDistillation.train(
                        block(1, 3, 16), inputs, outputs, inputs, outputs, BlockOptions.defaults(), Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessage("block 'block' gives [1, 8, 14, 14] for one item; the teacher gives [1, 8, 7, 7]");
    }

    @Test
    void predictingTheMeanOfEachChannelIsNoiseToSignalOne() {
        FloatTensor teacher = new FloatTensor(new float[] {1, 3, 10, 50, 5, 7, 90, 20}, 2, 2, 2, 1);
        // means: channel 0 (1 + 3 + 5 + 7) / 4, channel 1 (10 + 50 + 90 + 20) / 4
        FloatTensor means = new FloatTensor(new float[] {4, 4, 42.5f, 42.5f, 4, 4, 42.5f, 42.5f}, 2, 2, 2, 1);
        float[] inverseVariance = NoiseToSignal.inverseVariance(teacher);
        assertThat(NoiseToSignal.of(means, teacher, inverseVariance)).isCloseTo(1, within(1e-6));
        assertThat(NoiseToSignal.of(teacher, teacher, inverseVariance)).isZero();
    }

    @Test
    void aDeadChannelHasAFloorUnderItsVariance() {
        FloatTensor teacher = new FloatTensor(new float[] {0, -1, 0, 1}, 2, 2);
        // variances 0 and 1, mean 0.5, floor 0.0005
        assertThat(NoiseToSignal.inverseVariance(teacher)).containsExactly(2000f, 1f);
    }

    private static Graph distil(FloatTensor logits, TrainOptions options) {
        return Distillation.distil(
                        Trials.network(2), logits, Trials.train(256), options, Progress.NONE, Checkpoints.none())
                .graph();
    }

    private static Graph block(long seed, int kernel, int hidden) {
        GraphEditor editor =
                GraphEditor.create("block").input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 1, 28, 28));
        Layers layers = new Layers(editor, seed);
        String y = layers.invertedResidual("x", "a", new BlockShape(1, 8, 2, kernel, hidden, Activation.RELU));
        return editor.output(new ValueInfo(y, ElementType.FLOAT, ValueInfo.DYNAMIC, 8, 14, 14))
                .build();
    }

    /** Share of the validation images on which both networks say the same class. */
    private static double agreement(Graph one, Graph other) {
        ImageDataset images = Trials.validation();
        FloatTensor logits = Evaluation.logits(other, images, 1);
        int[] said = new int[images.size()];
        for (int i = 0; i < said.length; i++) {
            float[] row = Arrays.copyOfRange(logits.data(), i * 10, i * 10 + 10);
            for (int j = 1; j < row.length; j++) {
                said[i] = row[j] > row[said[i]] ? j : said[i];
            }
        }
        return Evaluation.accuracy(Evaluation.logits(one, images, 1), said);
    }
}
