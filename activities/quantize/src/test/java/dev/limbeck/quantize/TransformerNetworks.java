package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import java.util.List;
import java.util.Random;

/** One layer of a transformer with random weights and a few channels of large values: input "x" and output "y" [N, 8, 48]. */
final class TransformerNetworks {

    static final int TOKENS = 8;
    static final int WIDTH = 48;
    private static final int HIDDEN = 96;
    private static final int EVERY = 16;

    private final GraphEditor editor = GraphEditor.create("transformer")
            .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, TOKENS, WIDTH))
            .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, TOKENS, WIDTH));
    private final Random random;

    private TransformerNetworks(long seed) {
        random = new Random(seed);
    }

    static FloatTensor items(int count, long seed) {
        Random random = new Random(seed);
        float[] data = new float[count * TOKENS * WIDTH];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
        }
        return new FloatTensor(data, count, TOKENS, WIDTH);
    }

    /** Normalises before attention and before two matrix products with a Gelu between. */
    static Graph preNorm(long seed) {
        TransformerNetworks net = new TransformerNetworks(seed);
        String attended = net.attention(net.norm("x", "norm1"));
        String sum = net.editor.add("Add", "residual1", "x", attended);
        String fed = net.feedForward(net.norm(sum, "norm2"));
        net.editor.add(Node.of("Add", "residual2", List.of(sum, fed), List.of("y")));
        return net.editor.build();
    }

    /** Normalises after the sums, so that the next sum reads what the matrix products do; by a product and a sum of constants. */
    static Graph postNorm(long seed) {
        TransformerNetworks net = new TransformerNetworks(seed);
        String first = net.affine(net.editor.add("Add", "residual1", "x", net.attention("x")), "norm1");
        String fed = net.feedForward(first);
        net.editor.add(Node.of("Add", "residual2", List.of(first, fed), List.of("y")));
        return net.editor.build();
    }

    private String norm(String x, String name) {
        return editor.add(
                Node.of("LayerNormalization", name, List.of(x, spread(name + ".scale"), shifts(name)), List.of(name))
                        .withInteger("axis", -1));
    }

    private String affine(String x, String name) {
        String scaled = editor.add("Mul", name + ".scaled", x, spread(name + ".scale"));
        return editor.add("Add", name, scaled, shifts(name));
    }

    private String spread(String name) {
        float[] scale = new float[WIDTH];
        for (int c = 0; c < WIDTH; c++) {
            scale[c] = (c % EVERY == 0 ? 40 : 1) * (0.5f + random.nextFloat());
        }
        return editor.initializer(name, TensorValue.ofFloats(scale, WIDTH));
    }

    private String shifts(String name) {
        return gaussian(name + ".bias", 0.1, WIDTH);
    }

    private String attention(String x) {
        String query = matMul(x, "query", WIDTH, WIDTH);
        String key = matMul(x, "key", WIDTH, WIDTH);
        String value = matMul(x, "value", WIDTH, WIDTH);
        String transposed = editor.add(Node.of("Transpose", "transposed", List.of(key), List.of("transposed"))
                .withIntegers("perm", 0, 2, 1));
        String scores = editor.add("MatMul", "scores", query, transposed);
        String scaled =
                editor.add("Mul", "scaled", scores, editor.initializer("temperature", TensorValue.scalar(1 / 48f)));
        String weights = editor.add(Node.of("Softmax", "weights", List.of(scaled), List.of("weights"))
                .withInteger("axis", -1));
        return matMul(editor.add("MatMul", "mixed", weights, value), "projection", WIDTH, WIDTH);
    }

    private String feedForward(String x) {
        String hidden = editor.add("Relu", "relu", matMul(x, "up", WIDTH, HIDDEN));
        return matMul(hidden, "down", HIDDEN, WIDTH);
    }

    private String matMul(String x, String name, int in, int out) {
        String product = editor.add("MatMul", name, x, gaussian(name + ".weight", 1 / Math.sqrt(in), in, out));
        return editor.add("Add", name + ".biased", product, gaussian(name + ".bias", 0.1, out));
    }

    private String gaussian(String name, double deviation, long... shape) {
        float[] data = new float[Math.toIntExact(TensorValue.elements(shape))];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (random.nextGaussian() * deviation);
        }
        return editor.initializer(name, TensorValue.ofFloats(data, shape));
    }
}
