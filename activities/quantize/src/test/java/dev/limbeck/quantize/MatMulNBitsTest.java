package dev.limbeck.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.limbeck.graph.Cost;
import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import dev.limbeck.schemas.BadInputException;
import dev.limbeck.schemas.Progress;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ONNX Runtime's kernel says whether weights are packed as it reads them. */
class MatMulNBitsTest {

    private static final int BATCH = 5;

    /** MatMul or Gemm with a weight that lies on a grid of 4 bits already, in blocks: quantizing it again changes nothing. */
    private static Graph product(
            String op, boolean transposed, int inputs, int outputs, int block, boolean asymmetric) {
        Random random = new Random(inputs);
        float[] weight = new float[inputs * outputs];
        for (int n = 0; n < outputs; n++) {
            float scale = 0;
            for (int k = 0; k < inputs; k++) {
                scale = k % block == 0 ? 0.01f + random.nextFloat() : scale;
                // the ends of the grid occur in each block, so that its scale is found again
                int lowest = asymmetric ? -3 : -7;
                int highest = asymmetric ? 12 : 7;
                int stored = k % block == 0 ? highest : k % block == 1 ? lowest : lowest + random.nextInt(15);
                weight[transposed ? n * inputs + k : k * outputs + n] = stored * scale;
            }
        }
        long[] shape = transposed ? new long[] {outputs, inputs} : new long[] {inputs, outputs};
        GraphEditor editor = GraphEditor.create("product")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, inputs))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, outputs));
        editor.initializer("w", TensorValue.ofFloats(weight, shape));
        Node node = Node.of(op, "product", List.of("x", "w"), List.of("y"));
        if (op.equals("Gemm")) {
            float[] bias = new float[outputs];
            for (int n = 0; n < outputs; n++) {
                bias[n] = n;
            }
            editor.initializer("b", TensorValue.ofFloats(bias, outputs));
            node = node.withInputs(List.of("x", "w", "b")).withInteger("transB", transposed ? 1 : 0);
        }
        editor.add(node);
        return editor.build();
    }

    private static FloatTensor items(int inputs) {
        Random random = new Random(7);
        float[] data = new float[BATCH * inputs];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
        }
        return new FloatTensor(data, BATCH, inputs);
    }

    @ParameterizedTest
    @CsvSource({
        "MatMul, false, 64, 24, 32, SYMMETRIC",
        "MatMul, false, 256, 16, 128, SYMMETRIC",
        "MatMul, false, 96, 7, 32, ASYMMETRIC",
        "Gemm, true, 64, 24, 32, SYMMETRIC",
        "Gemm, false, 80, 10, 32, ASYMMETRIC",
        "Gemm, true, 100, 10, 16, SYMMETRIC"
    })
    void theRuntimeComputesWhatTheFloatProductDoes(
            String op, boolean transposed, int inputs, int outputs, int block, Symmetry symmetry) {
        Graph network = product(op, transposed, inputs, outputs, block, symmetry == Symmetry.ASYMMETRIC);
        QuantizeOptions options = QuantizeOptions.builder()
                .weights(4, symmetry)
                .matMulBlockSize(block)
                .build();
        FloatTensor items = items(inputs);
        Graph quantized = Quantizer.quantize(network, items, options).graph();
        assertThat(quantized.nodes())
                .extracting(Node::op)
                .contains(MatMulNBits.OP)
                .doesNotContain(op);
        float[] expected =
                Inference.run(network, items, BATCH, SessionOptions.defaults()).data();
        float[] actual = Inference.run(quantized, items, BATCH, SessionOptions.defaults())
                .data();
        assertThat(actual).containsExactly(expected, Offset.offset(1e-3f));
        assertThat(Cost.of(quantized)).isEqualTo(Cost.of(network));
    }

    @Test
    void aTransformerTakesLessThanAThirdOfTheBytes() {
        Graph network = TransformerNetworks.preNorm(1);
        QuantizeOptions options = QuantizeOptions.builder()
                .activations(NumberFormat.FLOAT32)
                .matMulBlockSize(16)
                .build();
        FloatTensor items = TransformerNetworks.items(16, 1);
        Graph quantized = Quantizer.quantize(network, options, Progress.NONE).graph(); // needs no data
        assertThat(quantized.nodes())
                .filteredOn(node -> node.op().equals(MatMulNBits.OP))
                .hasSize(6);
        float[] expected =
                Inference.run(network, items, 16, SessionOptions.defaults()).data();
        float[] actual =
                Inference.run(quantized, items, 16, SessionOptions.defaults()).data();
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < expected.length; i++) {
            signal += expected[i] * (double) expected[i];
            noise += (expected[i] - actual[i]) * (double) (expected[i] - actual[i]);
        }
        assertThat(noise / signal).isBetween(1e-6, 0.15);
        assertThat(bytes(quantized)).isLessThan((long) (0.3 * bytes(network)));
    }

    private static long bytes(Graph graph) {
        return graph.initializers().values().stream()
                .mapToLong(value -> value.size() * value.type().bytes())
                .sum();
    }

    @Test
    void blocksThatTheKernelLacksAreRefused() {
        assertThatThrownBy(() -> QuantizeOptions.builder().matMulBlockSize(48).build())
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("matMulBlockSize is 48")
                .hasMessageContaining("16, 32, 64, 128 or 256");
    }
}
