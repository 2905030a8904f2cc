package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import dev.limbeck.tensor.GraphExecutor;
import dev.limbeck.tensor.Mode;
import dev.limbeck.tensor.Tensor;
import dev.limbeck.tensor.TensorScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class TrainingTest {

    private final Graph network = Trials.network(1);

    @Test
    void learnsRealImagesAndBothRuntimesAgreeOnTheResult() {
        List<String> lines = new ArrayList<>();
        Progress progress = (step, done, total, detail) -> lines.add(step + " " + done + "/" + total + " " + detail);
        Trained trained = Training.train(
                network, Trials.train(4_000), Trials.validation(), Trials.options(), progress, Checkpoints.none());

        double accuracy = Evaluation.accuracy(trained.graph(), Trials.validation(), 1);
        assertThat(accuracy).isGreaterThan(0.65);
        assertThat(trained.history()).hasSize(2);
        assertThat(trained.history().getLast().validationAccuracy()).isEqualTo(accuracy);
        assertThat(trained.history().getLast().trainingLoss())
                .isLessThan(trained.history().getFirst().trainingLoss());
        assertThat(executorAccuracy(trained.graph(), Trials.validation())).isEqualTo(accuracy);
        assertThat(lines.getLast())
                .startsWith("train mobilenetv3like 7936/7936 epoch 2.00 of 2.00, loss ")
                .contains("images/s, validation 0.");
    }

    @Test
    void theSameSeedGivesTheSameBitsAndAnotherOneOthers() {
        TrainOptions options = Trials.options().withEpochs(1).withAugmentation(new Augmentation(2, true, 4));
        assertThat(train(options, Checkpoints.none()).digest())
                .isEqualTo(train(options, Checkpoints.none()).digest())
                .isNotEqualTo(train(options.withSeed(2), Checkpoints.none()).digest());
    }

    @Test
    void takenUpInTheMiddleOfAnEpochItEndsWithTheSameBits() {
        for (OptimizerKind optimizer : OptimizerKind.values()) {
            TrainOptions options = Trials.options()
                    .withOptimizer(optimizer)
                    .withLearningRate(0.005)
                    .withEmaDecay(0.9)
                    .withAugmentation(new Augmentation(2, true, 0));
            Trained whole = Training.train(
                    network, Trials.train(512), Trials.validation(), options, Progress.NONE, Checkpoints.none());

            MemoryCheckpoints memory = new MemoryCheckpoints();
            memory.failAfter = 11;
            assertThatThrownBy(() -> Training.train(
                            network, Trials.train(512), Trials.validation(), options, Progress.NONE, memory))
                    .isInstanceOf(CancellationException.class);
            memory.failAfter = Integer.MAX_VALUE;
            Trained resumed =
                    Training.train(network, Trials.train(512), Trials.validation(), options, Progress.NONE, memory);

            // 16 steps in all, 11 before the interruption
            assertThat(memory.saves).isEqualTo(16);
            assertThat(resumed.graph().digest()).isEqualTo(whole.graph().digest());
            assertThat(resumed.history())
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields("seconds")
                    .isEqualTo(whole.history());
        }
    }

    @Test
    void stoppedByItsProgressItGoesOnFromThatStep() {
        TrainOptions options = Trials.options();
        Trained whole = Training.train(
                network, Trials.train(512), Trials.validation(), options, Progress.NONE, Checkpoints.none());

        MemoryCheckpoints memory = new MemoryCheckpoints();
        memory.interval = Duration.ofDays(1);
        Progress stop = (step, done, total, detail) -> {
            if (2 * done >= total) {
                throw new CancellationException("enough");
            }
        };
        assertThatThrownBy(() -> Training.train(network, Trials.train(512), Trials.validation(), options, stop, memory))
                .isInstanceOf(CancellationException.class);
        assertThat(memory.saves).isEqualTo(1);
        List<Long> goesOn = new ArrayList<>();
        Trained resumed = Training.train(
                network,
                Trials.train(512),
                Trials.validation(),
                options,
                (step, done, total, detail) -> goesOn.add(2 * done - total),
                memory);
        assertThat(goesOn.getFirst()).isZero();
        assertThat(goesOn.subList(1, goesOn.size())).allMatch(beyondHalf -> beyondHalf > 0);
        assertThat(resumed.graph().digest()).isEqualTo(whole.graph().digest());
        assertThat(resumed.history())
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("seconds")
                .isEqualTo(whole.history());
    }

    @Test
    void aFinishedTrainingIsNotDoneAgain() {
        MemoryCheckpoints memory = new MemoryCheckpoints();
        String digest = train(Trials.options(), memory).digest();
        int saves = memory.saves;
        assertThat(train(Trials.options(), memory).digest()).isEqualTo(digest);
        assertThat(memory.saves).isEqualTo(saves);
    }

    @Test
    void refusesTheCheckpointOfAnotherTrainingAndADamagedOne() {
        MemoryCheckpoints memory = new MemoryCheckpoints();
        train(Trials.options(), memory);
        assertThatThrownBy(() -> train(Trials.options().withSeed(9), memory))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("train mobilenetv3like: the checkpoint belongs to another training");
        memory.saved[memory.saved.length / 2] ^= 1;
        assertThatThrownBy(() -> train(Trials.options(), memory))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("the checkpoint is damaged");
    }

    @Test
    void anExceptionOfTheProgressStopsTheWork() {
        Progress stop = (step, done, total, detail) -> {
            throw new CancellationException("enough");
        };
        assertThatThrownBy(() -> Training.train(
                        network, Trials.train(512), Trials.none(), Trials.options(), stop, Checkpoints.none()))
                .isInstanceOf(CancellationException.class)
                .hasMessage("enough");
    }

    @Test
    void saysWhereTheLossStoppedBeingANumber() {
        assertThatThrownBy(() -> train(Trials.options().withLearningRate(1e30), Checkpoints.none()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("train mobilenetv3like: the loss is ")
                .hasMessageContaining("try a lower one");
    }

    @Test
    void epochsMayBeFractionsOrNone() {
        TrainOptions options = Trials.options().withEpochs(1.5);
        Trained trained =
                Training.train(network, Trials.train(256), Trials.none(), options, Progress.NONE, Checkpoints.none());
        assertThat(trained.history()).extracting(Epoch::epochs).containsExactly(1.0, 1.5);
        assertThat(trained.history()).extracting(Epoch::validationAccuracy).containsOnly(Double.NaN);
        assertThat(train(options.withEpochs(0), Checkpoints.none()).digest()).isEqualTo(network.digest());
    }

    @Test
    void optionsThatMakeNoSenseAreRefusedByName() {
        assertThatThrownBy(() -> Trials.options().withLearningRate(0))
                .isInstanceOf(BadInputException.class)
                .hasMessage("learningRate is 0.0, but must be above 0");
    }

    private Graph train(TrainOptions options, Checkpoints checkpoints) {
        return Training.train(network, Trials.train(256), Trials.none(), options, Progress.NONE, checkpoints)
                .graph();
    }

    private static double executorAccuracy(Graph graph, ImageDataset dataset) {
        try (GraphExecutor executor = GraphExecutor.compile(graph);
                TensorScope scope = TensorScope.open()) {
            FloatTensor logits = executor.forward(
                            Tensor.of(dataset.fitting(graph).images()), Mode.EVAL)
                    .toFloatTensor();
            return Evaluation.accuracy(logits, dataset.labels());
        }
    }
}
