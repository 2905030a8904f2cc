package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Optimization;
import dev.limbeck.runtime.Session;
import dev.limbeck.runtime.SessionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What ONNX Runtime makes of the graphs is, bit for bit, what the encodings say. */
class SimulationTest {

    private static final FloatTensor IMAGES = TestNetworks.images(8, 1);
    private static final SessionOptions AS_WRITTEN = SessionOptions.defaults().withOptimization(Optimization.NONE);

    static Stream<NumberFormat> formats() {
        List<NumberFormat> formats = new ArrayList<>(List.of(NumberFormat.FLOAT16));
        for (int bits = NumberFormat.MIN_BITS; bits <= NumberFormat.MAX_BITS; bits++) {
            for (Symmetry symmetry : Symmetry.values()) {
                formats.add(NumberFormat.integer(bits, symmetry));
            }
        }
        return formats.stream();
    }

    private static Quantized quantize(Graph network, QuantizeOptions options) {
        return Quantizer.quantize(network, IMAGES, options);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void activationsLieOnTheirGrid(NumberFormat format) {
        QuantizeOptions options = QuantizeOptions.builder()
                .activations(format)
                .calibration(Calibration.PERCENTILE) // so that values lie beyond the grid
                .percentile(95)
                .build();
        for (Graph network : List.of(TestNetworks.residual("Clip", 1), TestNetworks.squeezeExcite(2))) {
            TargetTest.assertOnGrid(quantize(network, options), IMAGES);
        }
    }

    static Stream<QuantizeOptions> weights() {
        List<QuantizeOptions> options = new ArrayList<>();
        for (Granularity granularity :
                List.of(Granularity.PER_TENSOR, Granularity.PER_CHANNEL, Granularity.blockwise(5))) {
            for (int bits : List.of(2, 3, 4, 5, 8, 16)) {
                for (Symmetry symmetry : Symmetry.values()) {
                    for (boolean packed : List.of(false, true)) {
                        options.add(QuantizeOptions.builder()
                                .weights(bits, symmetry)
                                .granularity(granularity)
                                .packWeights(packed)
                                .build());
                    }
                }
            }
        }
        options.add(QuantizeOptions.builder().weights(NumberFormat.FLOAT16).build());
        return options.stream();
    }

    @ParameterizedTest
    @MethodSource("weights")
    void weightsLieOnTheirGrid(QuantizeOptions options) {
        Graph network = TestNetworks.residual("Relu", 1);
        Quantized quantized = quantize(network, options);
        Graph folded = Canonicalization.of(network);
        List<Node> layers = folded.nodes().stream()
                .filter(node -> OperatorKind.of(folded, node) == OperatorKind.WEIGHTED)
                .toList();
        List<String> tensors =
                layers.stream().map(layer -> layer.input(1) + "_dequantized").toList();
        Map<String, FloatTensor> values = read(quantized.graph(), tensors);
        for (Node layer : layers) {
            TensorValue weight = folded.initializers().get(layer.input(1));
            Encoding encoding = quantized.encodings().get(layer.input(1));
            IntUnaryOperator index = encoding.scaleIndex(weight.shape());
            float[] expected = weight.floats();
            double error = 0;
            double halfSteps = 0;
            for (int i = 0; i < expected.length; i++) {
                float stored = encoding.simulate(expected[i], index.applyAsInt(i));
                error += Math.abs(stored - expected[i]);
                halfSteps += 0.5 * encoding.scale()[index.applyAsInt(i)];
                expected[i] = stored;
            }
            assertThat(values.get(layer.input(1) + "_dequantized").data()).isEqualTo(expected);
            assertThat(error).isLessThan(halfSteps);
        }
    }

    private static Map<String, FloatTensor> read(Graph graph, List<String> tensors) {
        GraphEditor editor = graph.edit().clearOutputs();
        tensors.forEach(tensor -> editor.output(ValueInfo.unranked(tensor, ElementType.FLOAT)));
        try (Session session = Session.open(editor.build(), AS_WRITTEN)) {
            return session.run(Map.of("x", IMAGES));
        }
    }

    @ParameterizedTest
    @MethodSource("weights")
    void optimizationsKeepTheResult(QuantizeOptions options) {
        Graph quantized = quantize(TestNetworks.residual("Relu", 1), options).graph();
        FloatTensor expected = Inference.run(quantized, IMAGES, 8, AS_WRITTEN);
        FloatTensor actual = Inference.run(quantized, IMAGES, 8, SessionOptions.defaults());
        assertThat(QuantizerTest.decibels(expected, actual)).isGreaterThan(30);
    }

    @Test
    void moreBitsErrLess() {
        Graph network = TestNetworks.residual("Relu", 1);
        FloatTensor expected = QuantizerTest.run(network);
        double before = 0;
        for (int bits = 3; bits <= 8; bits++) {
            QuantizeOptions options = QuantizeOptions.builder()
                    .activationBits(bits)
                    .weightBits(bits)
                    .build();
            double now = QuantizerTest.decibels(
                    expected, QuantizerTest.run(quantize(network, options).graph()));
            assertThat(now).as(bits + " bits").isBetween(before + 2, before + 20);
            before = now;
        }
    }

    @Test
    void smallBlocksErrLessThanChannels() {
        Graph network = TestNetworks.residual("Relu", 1);
        FloatTensor expected = QuantizerTest.run(network);
        QuantizeOptions.Builder options =
                QuantizeOptions.builder().weightBits(3).activations(NumberFormat.FLOAT32);
        double perChannel = QuantizerTest.decibels(
                expected, QuantizerTest.run(quantize(network, options.build()).graph()));
        double blockwise = QuantizerTest.decibels(
                expected,
                QuantizerTest.run(quantize(
                                network,
                                options.granularity(Granularity.blockwise(4)).build())
                        .graph()));
        assertThat(blockwise).isGreaterThan(perChannel + 1);
    }

    @Test
    void rangesOfWeightsWithLittleErrorErrLess() {
        Graph network = TestNetworks.residual("Relu", 1);
        FloatTensor expected = QuantizerTest.run(network);
        QuantizeOptions.Builder options = QuantizeOptions.builder()
                .weightBits(3)
                .granularity(Granularity.PER_TENSOR)
                .activations(NumberFormat.FLOAT32);
        double widest = QuantizerTest.decibels(
                expected, QuantizerTest.run(quantize(network, options.build()).graph()));
        for (Calibration calibration : List.of(Calibration.MSE, Calibration.SQNR)) {
            Graph quantized = quantize(
                            network, options.weightCalibration(calibration).build())
                    .graph();
            assertThat(QuantizerTest.decibels(expected, QuantizerTest.run(quantized)))
                    .isGreaterThan(widest + 1);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Symmetry.class,
            names = {"SYMMETRIC", "ASYMMETRIC"})
    void packedWeightsTakeHalfAByteEach(Symmetry symmetry) {
        Graph network = TestNetworks.residual("Relu", 1);
        QuantizeOptions options =
                QuantizeOptions.builder().weights(4, symmetry).packWeights(true).build();
        Graph packed = quantize(network, options).graph();
        ElementType type = symmetry == Symmetry.SYMMETRIC ? ElementType.INT4 : ElementType.UINT4;
        assertThat(packed.initializers().values())
                .filteredOn(v -> v.type() == type && v.shape().length > 1)
                .hasSize(6)
                .allMatch(v -> v.proto().getRawData().size() == Math.ceilDiv(v.size(), 2));
        assertThat(packed.opset()).isEqualTo(21);
        Graph bytes = quantize(network, options.toBuilder().packWeights(false).build())
                .graph();
        assertThat(Inference.run(packed, IMAGES, 8, AS_WRITTEN).data())
                .isEqualTo(Inference.run(bytes, IMAGES, 8, AS_WRITTEN).data());
    }

    @Test
    void whatIsNotQuantizedStaysAsItIs() {
        Graph network = TestNetworks.residual("Relu", 1);
        QuantizeOptions options = QuantizeOptions.builder()
                .weights(NumberFormat.FLOAT32)
                .activations(NumberFormat.FLOAT32)
                .build();
        Quantized untouched = quantize(network, options);
        assertThat(untouched.encodings()).isEmpty();
        assertThat(untouched.graph().nodes())
                .isEqualTo(Canonicalization.of(network).nodes());
    }
}
