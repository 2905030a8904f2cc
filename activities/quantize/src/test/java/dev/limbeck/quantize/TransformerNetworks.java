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
    private boolean masked;

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

    /** As {@link #preNorm}, with a mask of nearly minus infinity, and normalisations and a Gelu spelled out as exporters do. */
    static Graph spelledOut(long seed) {
        TransformerNetworks net = new TransformerNetworks(seed);
        net.masked = true;
        String attended = net.attention(net.spelledNorm("x", "norm1"));
        String sum = net.editor.add("Add", "residual1", "x", attended);
        String hidden = net.matMul(net.spelledNorm(sum, "norm2"), "up", WIDTH, HIDDEN);
        String error =
                net.editor.add("Erf", "erf", net.editor.add("Div", "divided", hidden, net.scalar("root", 1.4142135f)));
        String factor = net.editor.add("Add", "factor", error, net.scalar("one", 1));
        String product = net.editor.add("Mul", "product", hidden, factor);
        String fed =
                net.matMul(net.editor.add("Mul", "gelu", product, net.scalar("half", 0.5f)), "down", HIDDEN, WIDTH);
        net.editor.add(Node.of("Add", "residual2", List.of(sum, fed), List.of("y")));
        return net.editor.build();
    }

    private String spelledNorm(String x, String name) {
        String difference = editor.add("Sub", name + ".difference", x, mean(x, name + ".mean"));
        String power = editor.add("Pow", name + ".power", difference, scalar(name + ".two", 2));
        String shifted =
                editor.add("Add", name + ".shifted", mean(power, name + ".variance"), scalar(name + ".epsilon", 1e-5f));
        String normal = editor.add("Div", name + ".normal", difference, editor.add("Sqrt", name + ".root", shifted));
        return affine(normal, name);
    }

    private String mean(String x, String name) {
        return editor.add(Node.of("ReduceMean", name, List.of(x), List.of(name)).withIntegers("axes", -1));
    }

    private String scalar(String name, float value) {
        return editor.initializer(name, TensorValue.scalar(value));
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
        String scored = masked ? editor.add("Add", "masked", scaled, mask()) : scaled;
        String weights = editor.add(Node.of("Softmax", "weights", List.of(scored), List.of("weights"))
                .withInteger("axis", -1));
        return matMul(editor.add("MatMul", "mixed", weights, value), "projection", WIDTH, WIDTH);
    }

    /** Hides the last two tokens. */
    private String mask() {
        float[] mask = new float[TOKENS];
        mask[TOKENS - 1] = -Float.MAX_VALUE;
        mask[TOKENS - 2] = -Float.MAX_VALUE;
        return editor.initializer("mask", TensorValue.ofFloats(mask, 1, 1, TOKENS));
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
