package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.Granularity;
import dev.limbeck.quantize.NumberFormat;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantized;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.quantize.Symmetry;
import dev.limbeck.quantize.TrainableQuantization;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class QuantizationAwareTrainingTest {

    private static final QuantizeOptions FEW_BITS = QuantizeOptions.builder()
            .weightBits(3)
            .activations(NumberFormat.integer(4, Symmetry.ASYMMETRIC))
            .calibration(Calibration.MSE)
            .weightCalibration(Calibration.MSE)
            .build();

    private static final QuantizeOptions MORE_BITS = FEW_BITS.toBuilder()
            .weightBits(4)
            .activations(NumberFormat.integer(6, Symmetry.ASYMMETRIC))
            .build();

    private static Graph network;
    private static ImageDataset images;
    private static Quantized trained;

    @BeforeAll
    static void train() {
        images = Trials.train(3_000);
        network = Training.train(
                        Trials.network(1), images, Trials.none(), Trials.options(), Progress.NONE, Checkpoints.none())
                .graph();
        trained = train(Checkpoints.none());
    }

    private static FloatTensor few() {
        return images.fitting(network).batch(0, 128);
    }

    private static Quantized train(Checkpoints checkpoints) {
        return train(FEW_BITS, checkpoints);
    }

    private static Quantized train(QuantizeOptions options, Checkpoints checkpoints) {
        QuantizationTraining training = QuantizationTraining.qat();
        return training.with(training.options().withLearningRate(4e-3))
                .train(network, images, Trials.none(), 128, options, Progress.NONE, checkpoints, Checkpoints.none())
                .quantized();
    }

    /** Points that are drawn are noise to so small a network: it takes more bits and smaller steps than rounding does. */
    private static Quantized trainRelaxed(double epochs, Checkpoints checkpoints) {
        QuantizationTraining training = QuantizationTraining.relaxed();
        TrainOptions options =
                training.options().withEpochs(epochs).withBatchSize(16).withLearningRate(3e-4);
        return training.with(options)
                .train(network, images, Trials.none(), 128, MORE_BITS, Progress.NONE, checkpoints, Checkpoints.none())
                .quantized();
    }

    private static double accuracy(Graph graph) {
        return Evaluation.accuracy(graph, Trials.validation(), 1);
    }

    @Test
    void trainingGivesBackWhatFewBitsCost() {
        Quantized before = Quantizer.quantize(network, few(), FEW_BITS);

        double lost = accuracy(network) - accuracy(before.graph());
        assertThat(lost).isGreaterThan(0.05);
        assertThat(accuracy(network) - accuracy(trained.graph())).isLessThan(0.7 * lost);
        assertThat(trained.graph().metadata()).doesNotContainKey("limbeck.learned-scales");
        assertThat(trained.steps()).anyMatch(step -> step.contains("scales trained"));
        assertThat(trained.encodings().keySet()).isEqualTo(before.encodings().keySet());
        trained.encodings().forEach((tensor, encoding) -> {
            assertThat(encoding.scale())
                    .as(tensor)
                    .isNotEqualTo(before.encodings().get(tensor).scale());
            assertThat(encoding.zeroPoint())
                    .as(tensor)
                    .isEqualTo(before.encodings().get(tensor).zeroPoint());
        });
    }

    @Test
    void itBeginsWithWhatQuantizationAfterTrainingGives() {
        TrainableQuantization trainable = TrainableQuantization.of(network, few(), FEW_BITS, Progress.NONE);
        Quantized plain = Quantizer.quantize(network, few(), FEW_BITS);
        Quantized untrained = trainable.quantized(trainable.graph());

        assertThat(untrained.encodings()).isEqualTo(plain.encodings());
        assertThat(accuracy(trainable.graph())).isCloseTo(accuracy(plain.graph()), within(0.005));
        assertThat(accuracy(untrained.graph())).isEqualTo(accuracy(plain.graph()));
    }

    @Test
    void aTrainingThatDiedGivesTheSameBytes() {
        MemoryCheckpoints checkpoints = new MemoryCheckpoints();
        checkpoints.failAfter = 20;
        assertThatThrownBy(() -> train(checkpoints)).isInstanceOf(CancellationException.class);
        checkpoints.failAfter = Integer.MAX_VALUE;

        assertThat(train(checkpoints).graph().digest())
                .isEqualTo(trained.graph().digest());
    }

    @Test
    void pointsThatAreDrawnGiveItBackToo() {
        Quantized before = Quantizer.quantize(network, few(), MORE_BITS);
        Quantized relaxed = trainRelaxed(2, Checkpoints.none());

        double lost = accuracy(network) - accuracy(before.graph());
        assertThat(lost).isGreaterThan(0.05);
        assertThat(accuracy(network) - accuracy(relaxed.graph())).isLessThan(0.7 * lost);
        assertThat(relaxed.graph().nodes()).noneMatch(node -> node.op().startsWith("dev.limbeck"));
        assertThat(relaxed.graph().metadata()).doesNotContainKey("limbeck.learned-scales");
        assertThat(relaxed.steps()).anyMatch(step -> step.contains("scales trained"));
    }

    @Test
    void pointsAreDrawnAgainAfterATrainingDied() {
        MemoryCheckpoints checkpoints = new MemoryCheckpoints();
        checkpoints.failAfter = 10;
        assertThatThrownBy(() -> trainRelaxed(0.1, checkpoints)).isInstanceOf(CancellationException.class);
        checkpoints.failAfter = Integer.MAX_VALUE;

        assertThat(trainRelaxed(0.1, checkpoints).graph().digest())
                .isEqualTo(trainRelaxed(0.1, Checkpoints.none()).graph().digest());
    }

    @Test
    void blocksCannotBeTrained() {
        QuantizeOptions blocks =
                QuantizeOptions.builder().granularity(Granularity.blockwise(32)).build();
        assertThatThrownBy(() -> train(blocks, Checkpoints.none()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("weights in blocks cannot be trained; give one scale a channel or a tensor");
    }
}
