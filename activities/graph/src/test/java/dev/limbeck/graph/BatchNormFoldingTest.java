package dev.limbeck.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Folding against ONNX Runtime: the same function, and as many normalizations left as there should be. */
class BatchNormFoldingTest {

    private static final float TOLERANCE = 1e-4f;

    private final Random random = new Random(11);
    private final GraphEditor editor = GraphEditor.create("small");

    @Test
    void foldsEveryNormalizationOfANetwork() {
        Graph network = TestNetworks.convolutional(1);

        Graph folded = BatchNormFolding.fold(network);

        assertThat(folded.nodes()).noneMatch(node -> node.op().equals("BatchNormalization"));
        assertThat(folded.nodes()).hasSize(network.nodes().size() - 10);
        assertThat(Oracle.difference(network, folded, 3, 1)).isLessThan(TOLERANCE);
    }

    @Test
    void foldsIntoGroupedConvolution() {
        String y = layer("Conv", "x", n -> n.withInteger("group", 2), weight("w", 6, 2, 3, 3), weight("b", 6));
        assertFolds(image(4, 6), norm(y, 6), 1);
    }

    @Test
    void foldsIntoGroupedTransposedConvolution() {
        String y = layer("ConvTranspose", "x", n -> n.withInteger("group", 2), weight("w", 4, 3, 3, 3));
        assertFolds(image(4, 6), norm(y, 6), 1);
    }

    @Test
    void foldsIntoGemmWithFactorsAndAScalarBias() {
        UnaryOperator<Node> factors = n -> n.withNumber("alpha", 0.5f).withNumber("beta", 3);
        String y = layer("Gemm", "x", factors, weight("w", 5, 6), weight("b", 1));
        assertFolds(rows(5), norm(y, 6), 1);
    }

    @Test
    void foldsTwoNormalizationsInARow() {
        String y = layer("Conv", "x", n -> n, weight("w", 6, 4, 1, 1));
        assertFolds(image(4, 6), norm(norm(y, 6), 6), 1);
    }

    @Test
    void foldsIntoTheUnpaddedConvolutionBehind() {
        String y = layer("Conv", norm("x", 4), n -> n.withInteger("group", 2), weight("w", 6, 2, 3, 3));
        assertFolds(image(4, 6), y, 1);
    }

    @Test
    void foldsIntoTheGemmBehind() {
        UnaryOperator<Node> factors = n -> n.withNumber("alpha", 0.5f).withInteger("transB", 1);
        String y = layer("Gemm", norm("x", 5), factors, weight("w", 6, 5), weight("b", 6));
        assertFolds(rows(5), y, 1);
    }

    @Test
    void makesScaleAndShiftOfWhatNoLayerTakes() {
        UnaryOperator<Node> padded = n -> n.withIntegers("pads", 1, 1, 1, 1);
        String y = layer("Conv", norm("x", 4), padded, weight("w", 6, 4, 3, 3));
        assertFolds(image(4, 6), y, 3);
    }

    @Test
    void leavesALayerAloneWhoseOutputOrWeightIsUsedElsewhere() {
        String w = weight("w", 4, 4, 1, 1);
        String first = layer("Conv", "x", n -> n, w);
        String second = layer("Conv", first, n -> n, w);
        String third = layer("Conv", "x", n -> n, weight("w3", 4, 4, 1, 1));
        String sum = editor.add("Add", "sum", norm(third, 4), third);
        String y = editor.add("Add", "y", norm(second, 4), sum);

        Graph network =
                image(4, 4).output(ValueInfo.unranked(y, ElementType.FLOAT)).build();
        Graph folded = BatchNormFolding.fold(network);

        assertThat(folded.nodes()).noneMatch(n -> n.op().equals("BatchNormalization"));
        assertThat(folded.initializers().get("w")).isNotNull();
        assertThat(folded.nodes().stream().filter(n -> n.op().equals("Mul"))).hasSize(2);
        assertThat(Oracle.difference(network, folded, 2, 1)).isLessThan(TOLERANCE);
    }

    @Test
    void leavesANegativeVarianceAlone() {
        String y = layer("Conv", "x", n -> n, weight("w", 6, 4, 1, 1));
        String normed = norm(y, 6);
        editor.initializer(normed + ".v", TensorValue.ofFloats(new float[] {1, 1, -1, 1, 1, 1}, 6));
        Graph network = image(4, 6)
                .output(ValueInfo.unranked(normed, ElementType.FLOAT))
                .build();

        assertThat(BatchNormFolding.fold(network).nodes()).anyMatch(n -> n.op().equals("BatchNormalization"));
    }

    private void assertFolds(GraphEditor built, String output, int nodes) {
        Graph network =
                built.output(ValueInfo.unranked(output, ElementType.FLOAT)).build();
        Graph folded = BatchNormFolding.fold(network);

        assertThat(folded.nodes()).hasSize(nodes).noneMatch(n -> n.op().equals("BatchNormalization"));
        assertThat(Oracle.difference(network, folded, 3, 1)).isLessThan(TOLERANCE);
    }

    private GraphEditor image(int channels, int size) {
        return editor.input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, channels, size, size));
    }

    private GraphEditor rows(int columns) {
        return editor.input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, columns));
    }

    private String layer(String op, String x, UnaryOperator<Node> change, String... constants) {
        String name = editor.unique("layer");
        List<String> inputs = new java.util.ArrayList<>(List.of(x));
        inputs.addAll(List.of(constants));
        return editor.add(change.apply(Node.of(op, name, inputs, List.of(name))));
    }

    private String norm(String x, int channels) {
        String name = editor.unique("norm");
        float[] variance = new float[channels];
        for (int i = 0; i < channels; i++) {
            variance[i] = 0.5f + random.nextFloat();
        }
        editor.initializer(name + ".v", TensorValue.ofFloats(variance, channels));
        editor.add(Node.of(
                "BatchNormalization",
                name,
                List.of(
                        x,
                        weight(name + ".g", channels),
                        weight(name + ".b", channels),
                        weight(name + ".m", channels),
                        name + ".v"),
                List.of(name)));
        return name;
    }

    private String weight(String name, long... shape) {
        return editor.initializer(
                name, TensorValue.ofFloats(Oracle.normal(random, shape).data(), shape));
    }
}
