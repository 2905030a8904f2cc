package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** On a small network with batch norms that are true for its images. */
class WeightRoundingTest {

    private static final int LAYERS = 6;
    private static final int TOKENS = TransformerNetworks.TOKENS;
    private static final int WIDTH = TransformerNetworks.WIDTH;
    private static final RoundingOptions SEQ_MSE =
            RoundingOptions.builder().candidates(20).build();
    private static final RoundingOptions ADAROUND =
            RoundingOptions.adaRound().toBuilder().iterations(300).build();
    private static final RoundingOptions BLOCKS = RoundingOptions.blockReconstruction().toBuilder()
            .candidates(20)
            .iterations(100)
            .batch(16)
            .build();

    private static Graph network;
    private static FloatTensor calibration;

    @BeforeAll
    static void load() {
        calibration = TestNetworks.images(128, 1);
        network = TestNetworks.trained(TestNetworks.residual("Relu", 7), calibration);
    }

    private static QuantizeOptions options(int bits, Granularity granularity, RoundingOptions rounding) {
        return QuantizeOptions.builder()
                .weightBits(bits)
                .granularity(granularity)
                .rounding(rounding)
                .build();
    }

    /** Mean squared difference of the outputs on images that were not calibrated on. */
    private static double error(int bits, Granularity granularity, RoundingOptions rounding) {
        Graph quantized = Quantizer.quantize(network, calibration, options(bits, granularity, rounding))
                .graph();
        FloatTensor images = TestNetworks.images(256, 99);
        float[] expected =
                Inference.run(network, images, 64, SessionOptions.defaults()).data();
        float[] actual =
                Inference.run(quantized, images, 64, SessionOptions.defaults()).data();
        double sum = 0;
        for (int i = 0; i < expected.length; i++) {
            sum += (expected[i] - actual[i]) * (double) (expected[i] - actual[i]);
        }
        return sum / expected.length;
    }

    static Stream<RoundingOptions> methods() {
        return Stream.of(SEQ_MSE, ADAROUND, BLOCKS);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void outputsAreCloserThanWithNearestRounding(RoundingOptions rounding) {
        double nearest = error(3, Granularity.PER_CHANNEL, RoundingOptions.nearest());
        assertThat(error(3, Granularity.PER_CHANNEL, rounding)).isLessThan(0.7 * nearest);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void oneScaleForAWholeWeightServesAsWell(RoundingOptions rounding) {
        double nearest = error(4, Granularity.PER_TENSOR, RoundingOptions.nearest());
        assertThat(error(4, Granularity.PER_TENSOR, rounding)).isLessThan(0.8 * nearest);
    }

    static Stream<RoundingOptions> quickMethods() {
        return methods().map(m -> m.toBuilder().iterations(3).candidates(4).build());
    }

    @ParameterizedTest
    @MethodSource("quickMethods")
    void theSameSeedGivesTheSameBytesAndWeightsLieOnTheirGrids(RoundingOptions rounding) {
        QuantizeOptions options = options(4, Granularity.PER_CHANNEL, rounding);
        Graph prepared = Quantizer.prepare(network);
        WeightRounding.Rounded once = round(prepared, options, LayerCheckpoints.NONE, Progress.NONE);
        WeightRounding.Rounded again = round(prepared, options, LayerCheckpoints.NONE, Progress.NONE);
        assertThat(again.graph().digest()).isEqualTo(once.graph().digest());
        assertThat(again.encodings()).isEqualTo(once.encodings());
        int weights = 0;
        for (Node node : prepared.nodes()) {
            if (OperatorKind.of(prepared, node) != OperatorKind.WEIGHTED) {
                continue;
            }
            TensorValue weight = once.graph().initializers().get(node.input(1));
            Encoding encoding = once.encodings().get(node.input(1));
            IntUnaryOperator index = encoding.scaleIndex(weight.shape());
            float[] values = weight.floats();
            float[] before = prepared.initializers().get(node.input(1)).floats();
            for (int i = 0; i < values.length; i++) {
                int s = index.applyAsInt(i);
                assertThat(encoding.simulate(values[i], s)).isEqualTo(values[i]);
                double clamped = Math.clamp(before[i], encoding.min(s), encoding.max(s));
                assertThat(Math.abs(values[i] - clamped)).isLessThan(1.001 * encoding.scale()[s]);
            }
            weights++;
        }
        assertThat(weights).isEqualTo(LAYERS);
    }

    private static WeightRounding.Rounded round(
            Graph prepared, QuantizeOptions options, LayerCheckpoints checkpoints, Progress progress) {
        Items few = Items.of(prepared, calibration.slice(0, 32));
        QuantizationPlan plan = new QuantizationPlan(prepared, options);
        Map<String, ValueRange> ranges = new ActivationRanges(prepared, few, options, Progress.NONE).collect(plan);
        Map<String, Encoding> encodings = ActivationEncodings.choose(plan, ranges);
        return new WeightRounding(plan, encodings, options, few, checkpoints, progress).round(prepared);
    }

    @ParameterizedTest
    @MethodSource("quickMethods")
    void goesOnWhereItWasStopped(RoundingOptions rounding) {
        QuantizeOptions options = options(4, Granularity.PER_CHANNEL, rounding);
        Graph prepared = Quantizer.prepare(network);
        Map<String, byte[]> kept = new HashMap<>();
        List<String> recalled = new ArrayList<>();
        LayerCheckpoints checkpoints = new LayerCheckpoints() {
            @Override
            public Optional<byte[]> recall(String key) {
                if (kept.containsKey(key)) {
                    recalled.add(key);
                }
                return Optional.ofNullable(kept.get(key));
            }

            @Override
            public void remember(String key, byte[] value) {
                kept.put(key, value);
            }
        };
        assertThatThrownBy(() -> round(prepared, options, checkpoints, (step, done, total, detail) -> {
                    if (done >= 3) {
                        throw new IllegalStateException("killed");
                    }
                }))
                .hasMessage("killed");
        int before = kept.size();
        assertThat(before).isPositive();
        WeightRounding.Rounded resumed = round(prepared, options, checkpoints, Progress.NONE);
        assertThat(recalled).hasSize(before);
        WeightRounding.Rounded whole = round(prepared, options, LayerCheckpoints.NONE, Progress.NONE);
        assertThat(resumed.graph().digest()).isEqualTo(whole.graph().digest());
        assertThat(resumed.encodings()).isEqualTo(whole.encodings());
    }

    @Test
    void blocksEndAtShortcutsAndNarrowPlaces() {
        Graph prepared = Quantizer.prepare(network);
        List<ReconstructionBlock> blocks =
                ReconstructionBlock.find(prepared, node -> OperatorKind.of(prepared, node) == OperatorKind.WEIGHTED);
        assertThat(blocks)
                .extracting(block -> block.to() + " " + block.layers().size())
                .containsExactly("stem.bn.act 1", "add 3", "y 2");
    }

    @Test
    void imagesAreNeeded() {
        QuantizeOptions options = options(4, Granularity.PER_CHANNEL, ADAROUND);
        assertThatThrownBy(() -> Quantizer.quantize(network, options, Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("without calibration images");
    }

    /** The second block begins at the narrow place before a token is added, as networks of patches do it. */
    @Test
    void whatABlockReadsMayLieBeforeItsLayer() {
        GraphEditor editor = GraphEditor.create("patches")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, TOKENS, WIDTH));
        String narrow = layer(editor, "x", 1, WIDTH, WIDTH / 2);
        String more = editor.add(
                "Pad",
                "more",
                narrow,
                editor.initializer("pads", TensorValue.ofLongs(new long[] {0, 1, 0, 0, 0, 0}, 6)));
        String y = layer(editor, more, 2, WIDTH / 2, WIDTH);
        Graph patches = editor.output(ValueInfo.unranked(y, ElementType.FLOAT)).build();
        assertThat(roundedSqnr(patches, TransformerNetworks.items(32, 1), BLOCKS))
                .isGreaterThan(10);
    }

    /** As PyTorch exports attention: tokens first, which cannot be told from images, so that the network takes one at a time. */
    @Test
    void networksThatTakeOneItemAtATimeAreRounded() {
        GraphEditor editor =
                GraphEditor.create("attention").input(new ValueInfo("x", ElementType.FLOAT, 1, TOKENS, WIDTH));
        String first = layer(editor, "x", 1, WIDTH, WIDTH);
        String tokens = reshaped(editor, turned(editor, first), TOKENS, WIDTH);
        String second = layer(editor, tokens, 2, WIDTH, WIDTH);
        String y = turned(editor, reshaped(editor, second, TOKENS, 1, WIDTH));
        Graph one = editor.output(new ValueInfo(y, ElementType.FLOAT, 1, TOKENS, WIDTH))
                .build();
        assertThat(roundedSqnr(one, TransformerNetworks.items(20, 1), ADAROUND)).isGreaterThan(10);
    }

    private static double roundedSqnr(Graph network, FloatTensor items, RoundingOptions rounding) {
        Graph rounded = Quantizer.quantize(network, items, options(4, Granularity.PER_CHANNEL, rounding))
                .graph();
        assertThat(rounded.inputs()).isEqualTo(network.inputs());
        return QuantizerTest.decibels(
                Inference.run(network, items, 8, SessionOptions.defaults()),
                Inference.run(rounded, items, 8, SessionOptions.defaults()));
    }

    private static String layer(GraphEditor editor, String input, int seed, int in, int out) {
        Random random = new Random(seed);
        float[] weight = new float[in * out];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) random.nextGaussian();
        }
        String name = editor.initializer("weight" + seed, TensorValue.ofFloats(weight, in, out));
        return editor.add("MatMul", "layer" + seed, input, name);
    }

    private static String reshaped(GraphEditor editor, String input, long... shape) {
        return editor.add(
                "Reshape",
                input + "_reshaped",
                input,
                editor.initializer(input + "_shape", TensorValue.ofLongs(shape, shape.length)));
    }

    private static String turned(GraphEditor editor, String input) {
        String output = input + "_turned";
        editor.add(Node.of("Transpose", output, List.of(input), List.of(output)).withIntegers("perm", 1, 0, 2));
        return output;
    }
}
