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
import dev.limbeck.runtime.Optimization;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EncodingsTest {

    private static final FloatTensor IMAGES = TestNetworks.images(8, 1);
    private static final Graph NETWORK = TestNetworks.residual("Clip", 1);

    static Stream<QuantizeOptions> options() {
        List<QuantizeOptions> options = new ArrayList<>();
        for (Symmetry symmetry : Symmetry.values()) {
            for (Granularity granularity :
                    List.of(Granularity.PER_TENSOR, Granularity.PER_CHANNEL, Granularity.blockwise(5))) {
                options.add(QuantizeOptions.builder()
                        .weights(4, symmetry)
                        .granularity(granularity)
                        .activations(granularity == Granularity.PER_TENSOR ? 8 : 6, symmetry)
                        .build());
            }
        }
        options.add(QuantizeOptions.builder()
                .weights(NumberFormat.FLOAT16)
                .activations(NumberFormat.FLOAT16)
                .build());
        options.add(QuantizeOptions.builder()
                .activationBits(16)
                .packWeights(true)
                .weightBits(3)
                .build());
        return options.stream();
    }

    private static float[] outputs(Graph graph) {
        SessionOptions asWritten = SessionOptions.defaults().withOptimization(Optimization.NONE);
        return Inference.run(graph, IMAGES, IMAGES.batch(), asWritten).data();
    }

    /** Whether two grids hold the same values. */
    private static void assertSameGrids(Map<String, Encoding> actual, Map<String, Encoding> expected) {
        assertThat(actual.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
        expected.forEach((name, encoding) -> {
            Encoding other = actual.get(name);
            assertThat(other.scale()).as(name).isEqualTo(encoding.scale());
            assertThat(other.bits()).as(name).isEqualTo(encoding.bits());
            assertThat(other.axis()).as(name).isEqualTo(encoding.axis());
            assertThat(other.blockSize()).as(name).isEqualTo(encoding.blockSize());
            for (int i = 0; i < encoding.scale().length; i++) {
                assertThat(other.max(i)).as(name).isEqualTo(encoding.max(i));
                // ONNX has no type without the lowest integer
                double strictest = encoding.format().symmetry() == Symmetry.STRICT_SYMMETRIC ? encoding.scale()[i] : 0;
                assertThat(other.min(i)).as(name).isBetween(encoding.min(i) - strictest, encoding.min(i));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("options")
    void everyVersionIsReadAsItWasWritten(QuantizeOptions options) {
        Quantized quantized = Quantizer.quantize(NETWORK, IMAGES, options);
        Encodings encodings = Encodings.of(quantized);
        assertThat(encodings.parameters()).hasSize(6);
        assertThat(encodings.activations()).hasSizeGreaterThan(5);
        for (Encodings.Version version : Encodings.Version.values()) {
            boolean onnx = version == Encodings.Version.V2_0_0;
            if (onnx && options.weights().isFloat()
                    || version == Encodings.Version.V0_6_1 && options.granularity() instanceof Granularity.Blockwise) {
                assertThatThrownBy(() -> encodings.toJson(version))
                        .isInstanceOf(BadInputException.class)
                        .hasMessageContaining("'")
                        .hasMessageContaining("1.0.0");
                continue;
            }
            Encodings read = Encodings.parse(encodings.toJson(version), "test", Quantizer.prepare(NETWORK));
            if (onnx) {
                assertSameGrids(read.activations(), encodings.activations());
                assertSameGrids(read.parameters(), encodings.parameters());
            } else {
                assertThat(read).isEqualTo(encodings);
            }
            Graph frozen = Quantizer.quantize(NETWORK, read).graph();
            assertThat(outputs(frozen)).as(version.text()).isEqualTo(outputs(quantized.graph()));
        }
    }

    @ParameterizedTest
    @MethodSource("options")
    void quantizedNetworksAreReadBack(QuantizeOptions options) {
        Quantized quantized = Quantizer.quantize(NETWORK, IMAGES, options);
        QdqReader.Simulation read = QdqReader.read(quantized.graph());
        Encodings encodings = Encodings.of(quantized);
        assertSameGrids(read.encodings().activations(), encodings.activations());
        assertSameGrids(read.encodings().parameters(), encodings.parameters());
        assertThat(read.graph().nodes())
                .extracting(Node::op)
                .doesNotContain("QuantizeLinear", "DequantizeLinear", "Cast");
        Graph again = Quantizer.quantize(read.graph(), read.encodings()).graph();
        assertThat(outputs(again)).isEqualTo(outputs(quantized.graph()));
        // and its encodings fit the network that was quantized
        assertThat(outputs(Quantizer.quantize(NETWORK, read.encodings()).graph()))
                .isEqualTo(outputs(quantized.graph()));
    }

    @Test
    void hardActivationsAreReadBack() {
        Graph network = TestNetworks.squeezeExcite(4);
        Quantized quantized = Quantizer.quantize(network, TestNetworks.images(64, 1), QuantizeOptions.defaults());
        QdqReader.Simulation read = QdqReader.read(quantized.graph());
        Graph again = Quantizer.quantize(read.graph(), read.encodings()).graph();
        FloatTensor expected = new FloatTensor(outputs(quantized.graph()), 8, 10);
        assertThat(QuantizerTest.decibels(expected, new FloatTensor(outputs(again), 8, 10)))
                .isGreaterThan(60);
        Encodings encodings = Encodings.of(quantized);
        Graph frozen = Quantizer.quantize(network, encodings).graph();
        assertThat(QuantizerTest.decibels(expected, new FloatTensor(outputs(frozen), 8, 10)))
                .isGreaterThan(35);
    }

    @Test
    void weightsThatAreQuantizedWhenReadAreReadBack() {
        GraphEditor editor = GraphEditor.create("trainable")
                .input(new ValueInfo("x", ElementType.FLOAT, 1, 2))
                .output(new ValueInfo("y", ElementType.FLOAT, 1, 3));
        editor.initializer("w", TensorValue.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        editor.initializer("s", TensorValue.ofFloats(new float[] {0.1f, 0.2f, 0.3f}, 3));
        editor.initializer("z", TensorValue.ofIntegers(ElementType.INT8, new int[3], 3));
        String q = editor.add(Node.of("QuantizeLinear", "q", List.of("w", "s", "z"), List.of("q")));
        String d = editor.add(Node.of("DequantizeLinear", "d", List.of(q, "s", "z"), List.of("d")));
        editor.add(Node.of("MatMul", "m", List.of("x", d), List.of("y")));
        QdqReader.Simulation read = QdqReader.read(editor.build());
        assertThat(read.graph().nodes()).extracting(Node::op).containsExactly("MatMul");
        assertThat(read.encodings().parameters())
                .containsExactly(Map.entry(
                        "w",
                        new Encoding(
                                NumberFormat.integer(8, Symmetry.SYMMETRIC),
                                new float[] {0.1f, 0.2f, 0.3f},
                                new int[3],
                                1)));
    }

    /** As AIMET writes them; numbers from its documentation. */
    @Test
    void offsetsAreThoseOfTheGridOfUnsignedIntegers() {
        String json = """
                {"version": "0.6.1",
                 "activation_encodings": {"x": [{"bitwidth": 8, "dtype": "int", "is_symmetric": "False",
                   "max": 2.6086959838867188, "min": -2.109158515930176, "offset": -114.0, "scale": 0.018501389771699905}],
                   "add": [{"bitwidth": 16, "dtype": "float"}]},
                 "param_encodings": {"fc.weight": [{"bitwidth": 4, "dtype": "int", "is_symmetric": "True",
                   "max": 0.7, "min": -0.8, "offset": -8, "scale": 0.1}],
                   "fc.bias": [{"bitwidth": 32, "dtype": "int", "is_symmetric": "True",
                   "max": 1, "min": -1, "offset": -2147483648, "scale": 4.6e-10}]}}
                """;
        Encodings read = Encodings.parse(json, "test", Quantizer.prepare(NETWORK));
        Encoding x = read.activations().get("x");
        assertThat(x.zeroPoint()).containsExactly(114);
        assertThat((float) x.min(0)).isEqualTo(-2.1091585f);
        assertThat((float) x.max(0)).isEqualTo(2.608696f);
        assertThat(read.activations().get("add").format()).isEqualTo(NumberFormat.FLOAT16);
        assertThat(read.parameters()).containsOnlyKeys("fc.weight");
        assertThat(read.parameters().get("fc.weight").min(0)).isEqualTo(-8 * (double) 0.1f);
        assertThat(read.toJson(Encodings.Version.V1_0_0))
                .contains("\"offset\" : [ -114 ]", "\"offset\" : [ -8 ]", "\"is_sym\" : true", "PER_TENSOR");
        Encodings asOnnx = new Encodings(Map.of("x", x), read.parameters());
        assertThat(asOnnx.toJson(Encodings.Version.V2_0_0))
                .contains("\"y_zero_point\" : 114", "\"output_dtype\" : \"int4\"", "\"output_dtype\" : \"uint8\"");
    }

    @Test
    void compressedBlocksAreScalesOfBlocks() {
        String block = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 2, 3, 4]";
        String channels = "[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]";
        String first = """
                {"version": "1.0.0", "activation_encodings": [], "param_encodings": [{"name": "fc.weight",
                 "enc_type": "LPBQ", "dtype": "INT", "bw": 8, "compressed_bw": 4, "is_sym": true, "block_size": 16,
                 "scale": %s, "offset": [-128, -128, -128, -128, -128, -128, -128, -128, -128, -128],
                 "per_block_int_scale": %s}]}""".formatted(channels, block);
        String second = """
                {"version": "2.0.0", "encodings": [{"name": "fc.weight", "output_dtype": "int4", "axis": 1,
                 "block_size": 16, "per_channel_float_scale": %s, "per_block_int_scale": %s}]}""".formatted(channels, block);
        Graph network = Quantizer.prepare(NETWORK); // fc.weight [10, 32]
        Encoding encoding = Encodings.parse(first, "test", network).parameters().get("fc.weight");
        assertThat(encoding.scale()).hasSize(20).startsWith(0.1f, 0.2f, 0.6f).endsWith(3.0f, 4.0f);
        assertThat(encoding.blockSize()).isEqualTo(16);
        assertThat(encoding.format()).isEqualTo(NumberFormat.integer(4, Symmetry.SYMMETRIC));
        assertThat(Encodings.parse(second, "test", network).parameters().get("fc.weight"))
                .isEqualTo(encoding);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {                                             | is not JSON: line 1
            {"version": "3.0.0"}                          | has the version '3.0.0'; encodings of versions 0.6.1, 1.0.0 and 2.0.0 can be read
            {"version": "1.0.0"}                          | 'activation_encodings' must be a list
            {"version": "2.0.0", "encodings": [{"name": "nix", "output_dtype": "uint8", "y_scale": 1}]} | tensor 'nix' is no activation of network 'test'
            {"version": "2.0.0", "encodings": [{"name": "x", "output_dtype": "float8e4m3fn", "y_scale": 1}]} | tensor 'x' has the output_dtype 'float8e4m3fn'
            {"version": "2.0.0", "encodings": [{"name": "x", "output_dtype": "uint8", "y_scale": 0}]} | tensor 'x' has the scale 0.0; scales must be positive
            {"version": "2.0.0", "encodings": [{"name": "x", "output_dtype": "uint8", "y_scale": 1, "y_zero_point": 300}]} | tensor 'x' has the offset -300, so that 0 is not on its grid
            {"version": "2.0.0", "encodings": [{"name": "x", "output_dtype": "uint8", "y_scale": [1, 2]}]} | tensor 'x' is an activation with 2 scales
            {"version": "2.0.0", "encodings": [{"name": "x", "output_dtype": "uint8"}]} | tensor 'x' needs 'y_scale', which is missing
            {"version": "2.0.0", "encodings": [{"name": "fc.weight", "output_dtype": "int8", "axis": 0, "y_scale": [1, 2]}]} | tensor 'fc.weight' does not fit the network: 2 scales
            {"version": "2.0.0", "encodings": [{"output_dtype": "int8"}]} | an encoding has no name
            {"version": "0.6.1", "activation_encodings": {"x": []}, "param_encodings": {}} | tensor 'x' must have a list
            {"version": "0.6.1", "activation_encodings": {"x": [{"bitwidth": 8.5}]}, "param_encodings": {}} | tensor 'x' needs an integer 'bitwidth', but has 8.5
            {"version": "0.6.1", "activation_encodings": {"x": [{"bitwidth": 8, "is_symmetric": "True", "scale": 1, "offset": -100}]}, "param_encodings": {}} | tensor 'x' is symmetric, but has the offset -100; right would be -128, -127 or 0
            {"version": "0.6.1", "activation_encodings": {"x": [{"bitwidth": 24, "scale": 1, "offset": -100}]}, "param_encodings": {}} | tensor 'x' has 24 bits; 2 to 16 can be read
            """)
    void mistakesAreNamed(String json, String message) {
        assertThatThrownBy(() -> Encodings.parse(json, "my.json", Quantizer.prepare(NETWORK)))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith("my.json")
                .hasMessageContaining(message);
    }

    @Test
    void filesAreWrittenAndRead(@TempDir Path directory) {
        Path file = directory.resolve("encodings.json");
        Encodings encodings = Encodings.of(Quantizer.quantize(NETWORK, IMAGES, QuantizeOptions.defaults()));
        encodings.write(file, Encodings.Version.V0_6_1);
        assertThat(Encodings.read(file, Quantizer.prepare(NETWORK))).isEqualTo(encodings);
        assertThatThrownBy(() -> Encodings.read(directory.resolve("none.json"), NETWORK))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("none.json");
    }
}
