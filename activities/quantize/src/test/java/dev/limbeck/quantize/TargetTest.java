package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.Optimization;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TargetTest {

    private static final FloatTensor IMAGES = TestNetworks.images(8, 1);
    private static final SessionOptions AS_WRITTEN = SessionOptions.defaults().withOptimization(Optimization.NONE);

    /** All outputs are quantized, but between a convolution and its ReLU, and what hard swishes make. */
    private static final String CONFIGURATION = """
            {
              "defaults": {
                "ops": {"is_output_quantized": "True"},
                "params": {"is_quantized": "True", "is_symmetric": "True"},
                "per_channel_quantization": "False"
              },
              "params": {"bias": {"is_quantized": "False"}},
              "op_type": {
                "Gemm": {"per_channel_quantization": "True", "is_output_quantized": "False"},
                "Add": {"is_symmetric": "True", "encoding_constraints": {"min": -3.0, "max": 5.0}},
                "Conv": {"params": {"weight": {"is_symmetric": "False"}}}
              },
              "supergroups": [{"op_list": ["Conv", "BatchNormalization", "Relu"]}],
              "model_input": {"is_input_quantized": "True"},
              "model_output": {}
            }
            """;

    static List<String> targets() {
        return Target.NAMES;
    }

    private static QuantizeOptions options(Target target) {
        return QuantizeOptions.builder().target(target).build();
    }

    @ParameterizedTest
    @MethodSource("targets")
    void everyTargetsActivationsLieOnTheirGrid(String name) {
        QuantizeOptions options = options(Target.named(name)).toBuilder()
                .calibration(Calibration.PERCENTILE) // so that values lie beyond the grid
                .percentile(95)
                .build();
        for (Graph network : List.of(
                TestNetworks.residual("Relu", 1),
                TestNetworks.residual("PRelu", 1),
                TestNetworks.residual("Clip", 1),
                TestNetworks.squeezeExcite(2))) {
            assertOnGrid(Quantizer.quantize(network, IMAGES, options), IMAGES);
        }
        assertOnGrid(
                Quantizer.quantize(TransformerNetworks.preNorm(1), TransformerNetworks.items(4, 1), options),
                TransformerNetworks.items(4, 2));
    }

    /** Every activation is, once dequantized, what its encoding simulates. */
    static void assertOnGrid(Quantized quantized, FloatTensor inputs) {
        List<String> tensors = new ArrayList<>();
        quantized.encodings().keySet().stream()
                .filter(name -> quantized.graph().producer(name + "_float").isPresent()
                        && quantized.graph().producer(name + "_dequantized").isPresent())
                .forEach(name -> tensors.addAll(List.of(name + "_float", name + "_dequantized")));
        assertThat(tensors).hasSizeGreaterThan(8);
        Map<String, FloatTensor> values =
                Activations.collect(quantized.graph(), tensors, inputs, inputs.batch(), AS_WRITTEN);
        for (int i = 0; i < tensors.size(); i += 2) {
            float[] before = values.get(tensors.get(i)).data();
            float[] after = values.get(tensors.get(i + 1)).data();
            Encoding encoding = quantized.encodings().get(tensors.get(i).replace("_float", ""));
            for (int k = 0; k < before.length; k++) {
                assertThat(after[k]).as(tensors.get(i)).isEqualTo(encoding.simulate(before[k], 0));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"onnxruntime-x86, 33", "onnxruntime-arm, 30", "htp, 25"})
    void everyTargetStaysCloseToTheFloatNetwork(String name, double decibels) {
        for (Graph network : List.of(TestNetworks.residual("Relu", 1), TestNetworks.residual("LeakyRelu", 1))) {
            Graph quantized = Quantizer.quantize(network, QuantizerTest.CALIBRATION, options(Target.named(name)))
                    .graph();
            assertThat(QuantizerTest.decibels(QuantizerTest.run(network), QuantizerTest.run(quantized)))
                    .isGreaterThan(decibels);
        }
    }

    @Test
    void armStoresSignedIntegersAndLosesNoReluToFloats() {
        Graph graph = Quantizer.quantize(
                        TestNetworks.residual("Relu", 1), IMAGES, options(Target.named("onnxruntime-arm")))
                .graph();
        assertThat(graph.nodes()).extracting(Node::op).doesNotContain("Relu");
        assertThat(graph.nodes())
                .filteredOn(node -> node.op().equals("QuantizeLinear"))
                .isNotEmpty()
                .allMatch(node -> graph.initializers().get(node.input(2)).type() == ElementType.INT8);
    }

    @Test
    void htpQuantizesEveryOperator() {
        Graph network = TransformerNetworks.preNorm(1);
        Quantized quantized =
                Quantizer.quantize(network, TransformerNetworks.items(8, 1), options(Target.named("htp")));
        Graph prepared = Quantizer.prepare(network);
        List<String> unquantized = prepared.nodes().stream()
                .filter(node -> !quantized.encodings().containsKey(node.output(0)))
                .map(Node::op)
                .toList();
        // those whose bias or ReLU follows
        assertThat(unquantized).isNotEmpty().allMatch(op -> List.of("MatMul", "Gemm")
                .contains(op));
        assertThat(quantized.encodings().get("norm1").format().symmetry()).isEqualTo(Symmetry.ASYMMETRIC);
        assertThat(quantized.encodings().get("weights").max(0)).isEqualTo(1, within());
        assertThat(quantized.encodings().get("norm1.scale").format())
                .isEqualTo(NumberFormat.integer(8, Symmetry.ASYMMETRIC));
        assertThat(quantized.encodings().get("query.weight").perChannel()).isTrue();
    }

    private static Offset<Double> within() {
        return Offset.offset(1e-5);
    }

    @Test
    void optionsAreWrittenInTheSameWordsInEveryProcess() {
        assertThat(QuantizeOptions.defaults().toString()).contains("target=onnxruntime-x86,");
        assertThat(Target.parse("/home/npu.json", CONFIGURATION).toString())
                .isEqualTo(Target.parse("npu.json", CONFIGURATION).toString())
                .matches("npu.json [0-9a-f]{16}")
                .isNotEqualTo(Target.parse("npu.json", CONFIGURATION + " ").toString());
    }

    @Test
    void theTargetOfX86IsTheDefault() {
        assertThat(QuantizeOptions.defaults()).isEqualTo(options(Target.named("onnxruntime-x86")));
    }

    @Test
    void aConfigurationDecidesWhatIsQuantized(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("npu.json"), CONFIGURATION);
        Quantized quantized = Quantizer.quantize(TestNetworks.residual("Relu", 1), IMAGES, options(Target.read(file)));
        Map<String, Encoding> encodings = quantized.encodings();
        assertThat(encodings).containsKeys("x", "pool").doesNotContainKeys("stem.bn", "stem", "y");
        Encoding sum = encodings.get("add");
        assertThat(sum.format().symmetry()).isEqualTo(Symmetry.SYMMETRIC);
        assertThat(sum.max(0)).isEqualTo(5, within());
        Encoding convolution = encodings.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("stem.weight"))
                .findFirst()
                .orElseThrow()
                .getValue();
        assertThat(convolution.perChannel()).isFalse();
        assertThat(convolution.format().symmetry()).isEqualTo(Symmetry.ASYMMETRIC);
        assertThat(encodings.get("fc.weight").perChannel()).isTrue();
        assertThat(encodings.get("fc.weight").format().symmetry()).isEqualTo(Symmetry.SYMMETRIC);
        assertOnGrid(quantized, IMAGES);

        String apart = CONFIGURATION.replace("[{\"op_list\": [\"Conv\", \"BatchNormalization\", \"Relu\"]}]", "[]");
        Quantized more =
                Quantizer.quantize(TestNetworks.residual("Relu", 1), IMAGES, options(Target.parse("npu", apart)));
        // four convolutions before ReLUs
        assertThat(more.encodings()).hasSize(encodings.size() + 4);
    }

    @Test
    void widerWeightsWhereAnOperatorLacksTheKernel() {
        String json = CONFIGURATION.replace("\"is_output_quantized\": \"False\"", """
                "supported_kernels": [{"activation": {"bitwidth": 8, "dtype": "int"},
                                       "param": {"bitwidth": 16, "dtype": "int"}}]
                """);
        QuantizeOptions options = options(Target.parse("npu", json));
        Map<String, Encoding> encodings = Quantizer.quantize(TestNetworks.residual("Relu", 1), IMAGES, options)
                .encodings();
        assertThat(encodings.get("fc.weight").bits()).isEqualTo(16);
        assertThat(encodings.get("pool").bits()).isEqualTo(8);
    }

    @Test
    void aTargetWithoutTheKernelIsRefused() {
        QuantizeOptions options = QuantizeOptions.builder()
                .target(Target.named("htp"))
                .activationBits(6)
                .build();
        assertThatThrownBy(() -> Quantizer.quantize(TestNetworks.residual("Relu", 1), IMAGES, options))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(
                        "target 'htp' has no kernels for int8 weights with int6 activations; it has: int8 weights");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"strict\": 1, \"per_channel_quantization\" | target 'npu.json': 'defaults' has the unknown key 'strict'",
                "\"per_channel_quantization\": \"maybe\", \"hw_version\" | has \"maybe\" for 'per_channel_quantization'; give",
                "\"supported_kernels\": 8, \"hw_version\" | 'defaults' needs a list 'supported_kernels', but has 8",
                "\"supported_kernels\": [{\"activation\": {\"bitwidth\": 64, \"dtype\": \"int\"}}], \"hw_version\" | 'supported_kernels', entry 1: 'activation' cannot be kept: integers of 64 bits",
                "\"supported_kernels\": [{\"activation\": {\"bitwidth\": 8, \"dtype\": \"fixed\"}}], \"hw_version\" | has the dtype 'fixed'; give int or float",
                "\"strict_symmetric\": \"True\", \"unsigned_symmetric\": \"True\", \"hw_version\" | has both strict_symmetric and unsigned_symmetric"
            })
    void badDefaultsAreNamed(String keys, String message) {
        String key = keys.contains("hw_version")
                ? "\"per_channel_quantization\": \"False\""
                : "\"per_channel_quantization\"";
        String json = CONFIGURATION.replace(key, keys.contains("hw_version") ? keys + ": \"V1\"" : keys);
        assertThatThrownBy(() -> Target.parse("npu.json", json))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"Gemm\": | \"Gem\": | 'op_type' names the operator 'Gem', which Limbeck does not know",
                "\"weight\": | \"kernel\": | 'Conv': 'params' has the unknown key 'kernel'; known are bias, running_mean",
                "\"max\": 5.0 | \"max\": -4 | has the min -3.0, which is not below the max -4.0",
                "[\"Conv\", \"BatchNormalization\", \"Relu\"] | [\"Conv\"] | 'supergroups', entry 1 needs an 'op_list' of two operators",
                "[\"Conv\", \"BatchNormalization\", \"Relu\"] | \"Conv\" | needs a list 'op_list', but has \"Conv\"",
                "[\"Conv\", \"BatchNormalization\", \"Relu\"] | [\"Conv\", 3] | 'op_list', entry 2 must be the name of an operator",
                "\"model_output\": {} | \"model_output\": [] | 'model_output' must be an object, but is []",
                "\"model_output\": {} | \"model_output\": { | is not JSON: line 1",
                "\"is_quantized\": \"True\", | \"is_output_quantized\": \"True\", | has the unknown key 'is_output_quantized'"
            })
    void badRulesAreNamed(String right, String wrong, String message) {
        assertThat(CONFIGURATION).contains(right);
        assertThatThrownBy(() -> Target.parse("npu.json", CONFIGURATION.replace(right, wrong)))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith("target 'npu.json'")
                .hasMessageContaining(message);
    }

    @Test
    void unknownNamesAndFilesAreNamed() {
        assertThatThrownBy(() -> Target.of("tpu"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(
                        "target 'tpu' is not known; give onnxruntime-x86, onnxruntime-arm, htp, or a JSON file");
        assertThatThrownBy(() -> Target.of("no/such.json"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("no/such.json");
    }
}
