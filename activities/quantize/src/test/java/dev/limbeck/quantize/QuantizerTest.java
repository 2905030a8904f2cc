package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.measure.KernelCoverage;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.Items;
import dev.limbeck.runtime.Optimization;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class QuantizerTest {

    static final FloatTensor CALIBRATION = TestNetworks.images(64, 1);
    private static final FloatTensor IMAGES = TestNetworks.images(100, 2);

    static Stream<Graph> networks() {
        return Stream.of(
                TestNetworks.residual("Relu", 1),
                TestNetworks.residual("Clip", 2),
                TestNetworks.residual("HardSwish", 3),
                TestNetworks.squeezeExcite(4),
                TestNetworks.chain("LeakyRelu", 5));
    }

    /** Sums of integer products that saturate on no processor, also not on those of x86 without VNNI. */
    static final SessionOptions EXACT = SessionOptions.defaults().withExactSums();

    static FloatTensor run(Graph graph) {
        return Inference.run(graph, IMAGES, 50, EXACT);
    }

    /** Signal power over error power, in decibels. */
    static double decibels(FloatTensor expected, FloatTensor actual) {
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < expected.data().length; i++) {
            double error = expected.data()[i] - actual.data()[i];
            signal += expected.data()[i] * (double) expected.data()[i];
            noise += error * error;
        }
        return 10 * Math.log10(signal / noise);
    }

    @ParameterizedTest
    @MethodSource("networks")
    void everyNodeRunsInAnIntegerKernel(Graph network) {
        for (boolean perChannel : new boolean[] {true, false}) {
            QuantizeOptions options = QuantizeOptions.builder()
                    .granularity(perChannel ? Granularity.PER_CHANNEL : Granularity.PER_TENSOR)
                    .build();
            Quantized quantized = Quantizer.quantize(network, CALIBRATION, options);
            KernelCoverage coverage = KernelCoverage.of(quantized.graph(), SessionOptions.defaults());
            assertThat(coverage.floatNodes())
                    .as(coverage.operators().toString())
                    .isEmpty();
            assertThat(coverage.share()).isEqualTo(1);
            assertThat(coverage.quantizeNodes())
                    .as(coverage.operators().toString())
                    .isEqualTo(1); // the input
            assertThat(coverage.dequantizeNodes())
                    .as(coverage.operators().toString())
                    .isZero();
            assertThat(coverage.operators())
                    .doesNotContainKeys("Relu", "Clip", "HardSwish", "HardSigmoid", "Mul", "Add");
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void outputsStayCloseToTheFloatNetwork(Graph network) {
        Graph quantized = Quantizer.quantize(network, CALIBRATION, QuantizeOptions.defaults())
                .graph();
        assertThat(decibels(run(network), run(quantized))).isGreaterThan(35);
        assertThat(quantized.metadata()).containsAllEntriesOf(network.metadata());
        assertThat(quantized.outputs()).isEqualTo(network.outputs());
        assertThat(quantized.inputs()).isEqualTo(network.inputs());
    }

    @ParameterizedTest
    @MethodSource("networks")
    void integerKernelsComputeWhatTheFileSays(Graph network) {
        Graph quantized = Quantizer.quantize(network, CALIBRATION, QuantizeOptions.defaults())
                .graph();
        SessionOptions asWritten = SessionOptions.defaults().withOptimization(Optimization.NONE);
        FloatTensor simulated = Inference.run(quantized, IMAGES, 50, asWritten);
        // single-step flips of the requantization only
        assertThat(decibels(simulated, run(quantized))).isGreaterThan(50);
    }

    @Test
    void reducedRangeKeepsWeightsWithinSevenBits() {
        Graph quantized = Quantizer.quantize(
                        TestNetworks.residual("Relu", 1),
                        CALIBRATION,
                        QuantizeOptions.builder().weightBits(7).build())
                .graph();
        int weights = 0;
        for (TensorValue value : quantized.initializers().values()) {
            if (value.type() == ElementType.INT8) {
                assertThat(LongStream.of(value.longs())).allMatch(w -> Math.abs(w) <= 63);
                weights += value.shape().length > 1 ? 1 : 0;
            }
        }
        assertThat(weights).isEqualTo(6); // five convolutions and the classifier
    }

    @Test
    void aBlockThatEndsInTheMiddleOfANetworkKeepsTheNameOfItsOutput() {
        Graph block = TestNetworks.block(1);
        Quantized quantized = Quantizer.quantize(block, CALIBRATION, QuantizeOptions.defaults());
        KernelCoverage coverage = KernelCoverage.of(quantized.graph(), SessionOptions.defaults());
        assertThat(coverage.share()).isEqualTo(1);
        assertThat(coverage.dequantizeNodes()).isEqualTo(1); // the output
        assertThat(quantized.graph().outputs()).isEqualTo(block.outputs());
        assertThat(decibels(run(block), run(quantized.graph()))).isGreaterThan(30);
        assertThat(quantized.encodings()).containsKeys("x", "y", "project.bn").doesNotContainKey("add");
    }

    @Test
    void equalizationLeavesClipsThatTheNetworkNeeds() {
        Graph network = TestNetworks.residual("Clip", 2);
        QuantizeOptions options = QuantizeOptions.builder().equalize(true).build();
        Quantized unused = Quantizer.quantize(network, times(0.1f, CALIBRATION), options);
        assertThat(unused.steps()).anyMatch(step -> step.contains("turned into ReLUs"));
        Quantized needed = Quantizer.quantize(network, times(30, CALIBRATION), options);
        assertThat(needed.steps()).anyMatch(step -> step.contains("Clips kept"));
    }

    private static FloatTensor times(float factor, FloatTensor images) {
        float[] data = images.data().clone();
        for (int i = 0; i < data.length; i++) {
            data[i] *= factor;
        }
        return new FloatTensor(data, images.shape());
    }

    @Test
    void theSameInputGivesTheSameBytes() {
        Graph network = TestNetworks.squeezeExcite(4);
        for (Calibration calibration : Calibration.values()) {
            QuantizeOptions options =
                    QuantizeOptions.builder().calibration(calibration).build();
            assertThat(Quantizer.quantize(network, CALIBRATION, options).graph().digest())
                    .isEqualTo(Quantizer.quantize(network, CALIBRATION, options)
                            .graph()
                            .digest());
        }
    }

    @Test
    void refusesWhatItCannotQuantize() {
        Graph network = TestNetworks.residual("Relu", 1);
        Graph quantized = Quantizer.quantize(network, CALIBRATION, QuantizeOptions.defaults())
                .graph();
        assertThatThrownBy(() -> Quantizer.quantize(quantized, CALIBRATION, QuantizeOptions.defaults()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("quantized already");
        float[] broken = TestNetworks.images(2, 1).data();
        broken[5] = Float.NaN;
        FloatTensor images = new FloatTensor(broken, 2, 3, TestNetworks.SIZE, TestNetworks.SIZE);
        assertThatThrownBy(() -> Quantizer.quantize(network, images, QuantizeOptions.defaults()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'x'")
                .hasMessageContaining("NaN");
    }

    @Test
    void refusesBranchesThatDependOnTheDataNamingTheNode() {
        Graph network = TestNetworks.residual("Relu", 1);
        Node last = network.nodes().getLast();
        GraphProto same = GraphProto.newBuilder()
                .setName("branch")
                .addNode(Node.of("Identity", "same", List.of("logits"), List.of("chosen"))
                        .proto())
                .addOutput(ValueInfoProto.newBuilder().setName("chosen"))
                .build();
        NodeProto.Builder branch = NodeProto.newBuilder()
                .setOpType("If")
                .setName("branch")
                .addInput("condition")
                .addOutput(last.output(0));
        for (String name : List.of("then_branch", "else_branch")) {
            branch.addAttribute(AttributeProto.newBuilder()
                    .setName(name)
                    .setType(AttributeProto.AttributeType.GRAPH)
                    .setG(same));
        }
        GraphEditor editor = network.edit();
        editor.replace(last, last.withOutputs(List.of("logits")));
        String sum = editor.add(
                Node.of("ReduceSum", "sum", List.of("logits"), List.of("sum")).withInteger("keepdims", 0));
        editor.add(Node.of(
                "Greater",
                "greater",
                List.of(sum, editor.initializer("zero", TensorValue.scalar(0))),
                List.of("condition")));
        editor.add(new Node(branch.build()));
        Graph branched = editor.build();
        assertThatThrownBy(() -> Quantizer.quantize(branched, CALIBRATION, QuantizeOptions.defaults()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("node 'branch' (If)")
                .hasMessageContaining("'logits'");
    }

    @Test
    void refusesWeightsThatAreNotNumbersNamingTheNode() {
        Graph network = TestNetworks.residual("Relu", 1);
        float[] weight = network.initializers().get("expand.weight").floats();
        weight[3] = Float.NaN;
        GraphEditor editor = network.edit();
        editor.initializer("expand.weight", TensorValue.ofFloats(weight, 32, 16, 1, 1));
        assertThatThrownBy(() -> Quantizer.quantize(editor.build(), CALIBRATION, QuantizeOptions.defaults()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("node 'expand' (Conv)")
                .hasMessageContaining("NaN");
        float[] variance = network.initializers().get("expand.variance").floats();
        variance[0] = Float.POSITIVE_INFINITY;
        GraphEditor infinite = network.edit();
        infinite.initializer("expand.variance", TensorValue.ofFloats(variance, 32));
        assertThatThrownBy(() -> Quantizer.quantize(infinite.build(), CALIBRATION, QuantizeOptions.defaults()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'expand.variance'");
    }

    /** Bounds of a Clip were attributes before operator set 11. */
    @Test
    void networksOfOperatorSet9AreQuantized() {
        Graph network = TestNetworks.residual("Clip", 1);
        GraphEditor editor = network.edit();
        for (Node node : network.nodes()) {
            if (node.op().equals("Clip")) {
                editor.replace(
                        node,
                        node.withInputs(List.of(node.input(0)))
                                .withNumber("min", 0)
                                .withNumber("max", 6));
            }
        }
        Graph old = withOpset(editor.build(), 9);
        Graph quantized =
                Quantizer.quantize(old, CALIBRATION, QuantizeOptions.defaults()).graph();
        assertThat(decibels(run(network), run(quantized))).isGreaterThan(30);
        assertThatThrownBy(() -> Quantizer.quantize(withOpset(network, 7), CALIBRATION, QuantizeOptions.defaults()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("opset 7");
    }

    private static Graph withOpset(Graph graph, long version) {
        return Graph.of(graph.proto().toBuilder()
                .setOpsetImport(0, graph.proto().getOpsetImport(0).toBuilder().setVersion(version))
                .build());
    }

    /** A channel of zeros, one whose output is the same everywhere, and one whose batch norm has no variance. */
    @Test
    void deadAndConstantChannelsDoNoHarm() {
        Graph network = TestNetworks.residual("Relu", 1);
        float[] weight = network.initializers().get("expand.weight").floats();
        Arrays.fill(weight, 0, 32, 0);
        float[] scale = network.initializers().get("expand.scale").floats();
        scale[2] = 0;
        float[] variance = network.initializers().get("expand.variance").floats();
        variance[3] = 0;
        GraphEditor editor = network.edit();
        editor.initializer("expand.weight", TensorValue.ofFloats(weight, 32, 16, 1, 1));
        editor.initializer("expand.scale", TensorValue.ofFloats(scale, 32));
        editor.initializer("expand.variance", TensorValue.ofFloats(variance, 32));
        Graph dead = editor.build();
        for (Granularity granularity : List.of(Granularity.PER_CHANNEL, Granularity.PER_TENSOR)) {
            QuantizeOptions options =
                    QuantizeOptions.builder().granularity(granularity).build();
            Quantized quantized = Quantizer.quantize(dead, CALIBRATION, options);
            assertThat(decibels(run(dead), run(quantized.graph())))
                    .as(granularity.describe())
                    .isGreaterThan(granularity == Granularity.PER_CHANNEL ? 20 : 3);
        }
    }

    @Test
    void layersThatShareAWeightAreQuantized() {
        Graph network = TestNetworks.residual("Relu", 1);
        Node expand = network.producer("expand").orElseThrow();
        Node head = network.producer("head").orElseThrow();
        Graph shared = network.edit()
                .replace(head, head.withInputs(List.of(head.input(0), expand.input(1), head.input(2))))
                .build();
        Graph trained = TestNetworks.trained(shared, CALIBRATION);
        QuantizeOptions options =
                QuantizeOptions.builder().equalize(true).biasCorrection(true).build();
        for (Quantized quantized : List.of(
                Quantizer.quantize(trained, CALIBRATION, options),
                Quantizer.quantize(trained, options, Progress.NONE))) {
            assertThat(decibels(run(trained), run(quantized.graph()))).isGreaterThan(20);
        }
    }

    private static float[] normal(long seed, int count) {
        Random random = new Random(seed);
        float[] data = new float[count];
        for (int i = 0; i < count; i++) {
            data[i] = (float) random.nextGaussian();
        }
        return data;
    }

    /** y = (table[tokens] + x) W: one input of integers, one of floats. */
    private static Graph tokensAndNumbers() {
        GraphEditor editor = GraphEditor.create("tokens")
                .input(new ValueInfo("tokens", ElementType.INT64, ValueInfo.DYNAMIC, ValueInfo.DYNAMIC))
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, ValueInfo.DYNAMIC, 4));
        editor.initializer("table", TensorValue.ofFloats(normal(1, 20), 5, 4));
        editor.add(Node.of("Constant", "weight", List.of(), List.of("weight"))
                .withTensor("value", TensorValue.ofFloats(normal(2, 24), 4, 6)));
        String sum = editor.add("Add", "sum", editor.add("Gather", "embedded", "table", "tokens"), "x");
        String y = editor.add("MatMul", "y", sum, "weight");
        return editor.output(new ValueInfo(y, ElementType.FLOAT, ValueInfo.DYNAMIC, ValueInfo.DYNAMIC, 6))
                .build();
    }

    @Test
    void takesSeveralInputsAndIntegers() {
        FloatTensor tokens = new FloatTensor(new float[] {0, 1, 2, 3, 4, 0, 1, 4, 2, 3, 3, 1}, 4, 3);
        FloatTensor numbers = new FloatTensor(normal(3, 48), 4, 3, 4);
        Items items = new Items(Map.of("tokens", tokens, "x", numbers));
        Graph network = tokensAndNumbers();
        Graph quantized = Quantizer.quantize(network, items, QuantizeOptions.defaults(), Progress.NONE)
                .graph();
        assertThat(KernelCoverage.of(quantized, SessionOptions.defaults()).share())
                .isEqualTo(1);
        float[] expected =
                Inference.run(network, items, 2, SessionOptions.defaults()).data();
        float[] actual =
                Inference.run(quantized, items, 2, SessionOptions.defaults()).data();
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(0.2f));
        }
        assertThatThrownBy(() -> Quantizer.quantize(
                        network, new Items(Map.of("x", numbers)), QuantizeOptions.defaults(), Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'tokens'");
        FloatTensor narrow = new FloatTensor(new float[24], 4, 3, 2);
        assertThatThrownBy(() -> Quantizer.quantize(
                        network,
                        new Items(Map.of("tokens", tokens, "x", narrow)),
                        QuantizeOptions.defaults(),
                        Progress.NONE))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("x: FLOAT[-1, -1, 4]")
                .hasMessageContaining("[4, 3, 2]");
    }
}
