package dev.limbeck.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.Graph;
import dev.limbeck.quantize.BitReport;
import dev.limbeck.quantize.Calibration;
import dev.limbeck.quantize.GatedQuantization;
import dev.limbeck.quantize.NumberFormat;
import dev.limbeck.quantize.QuantizeOptions;
import dev.limbeck.quantize.Quantizer;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BayesianBitsTest {

    private static final QuantizeOptions EIGHT_BITS = QuantizeOptions.builder()
            .calibration(Calibration.MSE)
            .weightCalibration(Calibration.MSE)
            .build();

    private static final double STRENGTH = 0.1;

    private static Graph network;
    private static ImageDataset images;
    private static QuantizationTraining.Outcome outcome;

    @BeforeAll
    static void train() {
        images = Trials.train(1_500);
        network = Training.train(
                        Trials.network(1), images, Trials.none(), Trials.options(), Progress.NONE, Checkpoints.none())
                .graph();
        outcome = train(STRENGTH, Checkpoints.none(), Checkpoints.none());
    }

    private static QuantizationTraining.Outcome train(double strength, Checkpoints gates, Checkpoints fixed) {
        QuantizationTraining training = QuantizationTraining.bayesianBits(strength);
        return training.with(training.options().withBatchSize(16).withLearningRate(4e-3))
                .train(network, images, Trials.none(), 128, EIGHT_BITS, Progress.NONE, gates, fixed);
    }

    private static double accuracy(Graph graph) {
        return Evaluation.accuracy(graph, Trials.validation(), 1);
    }

    @Test
    void bitsAndChannelsGoWhereTheyAreNotNeeded() {
        BitReport report = outcome.report().orElseThrow();
        assertThat(report.bitOperations()).isLessThan(0.8);
        assertThat(report.layers())
                .allSatisfy(layer -> assertThat(layer.weightBits()).isIn(2, 4, 8));
        assertThat(report.layers().getFirst().activationBits())
                .as("of the input")
                .isEqualTo(8);
        assertThat(report.channelsTakenOut()).isBetween(0, report.channels() - 1);
        assertThat(accuracy(network) - accuracy(outcome.quantized().graph())).isLessThan(0.15);

        // what is told is what is in the network
        Graph quantized = outcome.quantized().graph();
        assertThat(quantized.nodes()).noneMatch(node -> node.op().startsWith("dev.limbeck"));
        assertThat(Cost.of(quantized).macs())
                .isEqualTo(report.layers().stream()
                        .mapToLong(BitReport.Layer::macs)
                        .sum());
        long operations = report.layers().stream()
                .mapToLong(layer -> layer.macs() * layer.weightBits() * layer.activationBits())
                .sum();
        long before = report.before().stream()
                .mapToLong(layer -> layer.macs() * layer.weightBits() * layer.activationBits())
                .sum();
        assertThat(report.bitOperations()).isCloseTo((double) operations / before, within(1e-12));
    }

    @Test
    void itBeginsWithTheNetworkOfMostBits() {
        GatedQuantization gated =
                GatedQuantization.of(network, images.fitting(network).batch(0, 128), EIGHT_BITS, Progress.NONE);
        GatedQuantization.Decided decided = gated.decide(gated.graph());

        assertThat(decided.report().bitOperations()).isEqualTo(1);
        assertThat(decided.report().channelsTakenOut()).isZero();
        Graph plain = Quantizer.quantize(network, images.fitting(network).batch(0, 128), EIGHT_BITS)
                .graph();
        assertThat(accuracy(decided.trainable().graph())).isCloseTo(accuracy(plain), within(0.005));
    }

    @Test
    void aTrainingThatDiedGivesTheSameBytes() {
        MemoryCheckpoints gates = new MemoryCheckpoints();
        MemoryCheckpoints fixed = new MemoryCheckpoints();
        gates.failAfter = 20;
        assertThatThrownBy(() -> train(STRENGTH, gates, fixed)).isInstanceOf(CancellationException.class);
        gates.failAfter = Integer.MAX_VALUE;

        assertThat(train(STRENGTH, gates, fixed).quantized().graph().digest())
                .isEqualTo(outcome.quantized().graph().digest());
    }

    @Test
    void checkpointsOfAnotherStrengthAreRefused() {
        MemoryCheckpoints gates = new MemoryCheckpoints();
        gates.failAfter = 2;
        assertThatThrownBy(() -> train(STRENGTH, gates, Checkpoints.none())).isInstanceOf(CancellationException.class);
        gates.failAfter = Integer.MAX_VALUE;

        assertThatThrownBy(() -> train(2 * STRENGTH, gates, Checkpoints.none()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("the checkpoint belongs to another training");
    }

    @Test
    void whatCannotBeLearnedIsRefused() {
        assertThatThrownBy(() -> train(0, Checkpoints.none(), Checkpoints.none()))
                .isInstanceOf(BadInputException.class)
                .hasMessage("the strength is 0.0; give a number above 0, such as 0.01");
        QuantizeOptions floats =
                EIGHT_BITS.toBuilder().activations(NumberFormat.FLOAT32).build();
        assertThatThrownBy(() ->
                        GatedQuantization.of(network, images.fitting(network).batch(0, 128), floats, Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("must both be 4, 8 or 16, not int8 and float32");
    }
}
