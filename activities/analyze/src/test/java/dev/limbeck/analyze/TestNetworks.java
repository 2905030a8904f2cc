package dev.limbeck.analyze;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Items;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A small network of random weights, and data for it. */
final class TestNetworks {

    static final int CHANNELS = 16;
    static final int SIZE = 10;

    private static final int TOKENS = 6;
    private static final int VOCABULARY = 50;

    private TestNetworks() {}

    /** Two convolutions with ReLUs, pooling and a matrix product: "x" [N, 3, 10, 10] to "y" [N, 10]. */
    static Graph chain() {
        Random random = new Random(1);
        GraphEditor editor = GraphEditor.create("chain")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, SIZE, SIZE))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 10));
        String first = editor.add("Relu", "first.act", convolution(editor, random, "x", "first", 3, 3));
        String second = editor.add("Relu", "second.act", convolution(editor, random, first, "second", CHANNELS, 1));
        String flat = editor.add("Flatten", "flat", editor.add("GlobalAveragePool", "pool", second));
        String weight = editor.initializer("last.weight", gaussian(random, 0.3, CHANNELS, 10));
        editor.add(Node.of("Gemm", "last", List.of(flat, weight), List.of("y")));
        return editor.build();
    }

    /** An embedding and two matrix products with a ReLU between: tokens "ids" [N, 6] to "y" [N, 6, 10]. */
    static Graph tokens() {
        Random random = new Random(1);
        GraphEditor editor = GraphEditor.create("tokens")
                .input(new ValueInfo("ids", ElementType.INT64, ValueInfo.DYNAMIC, TOKENS))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, TOKENS, 10));
        String table = editor.initializer("table", gaussian(random, 1, VOCABULARY, CHANNELS));
        String embedded = editor.add(Node.of("Gather", "embedding", List.of(table, "ids"), List.of("embedding")));
        String first = editor.initializer("first.weight", gaussian(random, 0.3, CHANNELS, CHANNELS));
        String hidden = editor.add(Node.of("MatMul", "first", List.of(embedded, first), List.of("first")));
        String last = editor.initializer("last.weight", gaussian(random, 0.3, CHANNELS, 10));
        editor.add(Node.of("MatMul", "last", List.of(editor.add("Relu", "act", hidden), last), List.of("y")));
        return editor.build();
    }

    static Items sentences(int count) {
        Random random = new Random(2);
        float[] ids = new float[count * TOKENS];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = random.nextInt(VOCABULARY);
        }
        return new Items(Map.of("ids", new FloatTensor(ids, count, TOKENS)));
    }

    /** The same function, where the channels between the convolutions differ a thousandfold. */
    static Graph rescaledChain() {
        Graph chain = chain();
        float[] first = chain.initializers().get("first.weight").floats();
        float[] bias = chain.initializers().get("first.bias").floats();
        float[] second = chain.initializers().get("second.weight").floats();
        for (int c = 0; c < CHANNELS; c++) {
            float factor = (float) Math.pow(1000, c / (CHANNELS - 1.0));
            for (int i = 0; i < 27; i++) {
                first[c * 27 + i] *= factor;
            }
            bias[c] *= factor;
            for (int o = 0; o < CHANNELS; o++) {
                second[o * CHANNELS + c] /= factor;
            }
        }
        GraphEditor editor = chain.edit();
        editor.initializer("first.weight", TensorValue.ofFloats(first, CHANNELS, 3, 3, 3));
        editor.initializer("first.bias", TensorValue.ofFloats(bias, CHANNELS));
        editor.initializer("second.weight", TensorValue.ofFloats(second, CHANNELS, CHANNELS, 1, 1));
        return editor.build();
    }

    static Items images(int count) {
        return new Items(
                Map.of("x", new FloatTensor(numbers(new Random(2), 1, count * 3 * SIZE * SIZE), count, 3, SIZE, SIZE)));
    }

    private static String convolution(GraphEditor editor, Random random, String x, String name, int in, int kernel) {
        String weight = editor.initializer(
                name + ".weight",
                gaussian(random, Math.sqrt(2.0 / (in * kernel * kernel)), CHANNELS, in, kernel, kernel));
        String bias = editor.initializer(name + ".bias", gaussian(random, 0.1, CHANNELS));
        int pad = kernel / 2;
        return editor.add(Node.of("Conv", name, List.of(x, weight, bias), List.of(name))
                .withIntegers("kernel_shape", kernel, kernel)
                .withIntegers("pads", pad, pad, pad, pad));
    }

    private static TensorValue gaussian(Random random, double deviation, long... shape) {
        return TensorValue.ofFloats(numbers(random, deviation, Math.toIntExact(TensorValue.elements(shape))), shape);
    }

    private static float[] numbers(Random random, double deviation, int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) (deviation * random.nextGaussian());
        }
        return numbers;
    }
}
