package dev.limbeck.learn;

import static java.util.Objects.requireNonNull;

import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.List;

/**
 * Adds the layers of a transformer with pre-normalisation (Dosovitskiy et al. 2021) to a graph under construction, as {@link Layers}
 * does those of a convolutional network. Tokens are [N, tokens, width].
 */
public final class TransformerLayers {

    private static final float EPSILON = 1e-6f;
    private static final double INITIAL_DEVIATION = 0.02;

    private final Layers layers;
    private final GraphEditor editor;

    public TransformerLayers(Layers layers) {
        this.layers = requireNonNull(layers, "layers is null");
        this.editor = layers.editor();
    }

    /** Attention and a multilayer perceptron with GELU, each with its shortcut. */
    public String layer(String x, String name, TransformerShape shape) {
        int width = shape.width();
        String attended =
                editor.add("Add", name + ".attended", x, attention(normalize(x, name + ".norm1", width), name, shape));
        String hidden = linear(normalize(attended, name + ".norm2", width), name + ".mlp1", width, shape.hidden());
        String mixed = linear(
                layers.activation(hidden, name + ".mlp", Activation.GELU), name + ".mlp2", shape.hidden(), width);
        return editor.add("Add", name + ".out", attended, mixed);
    }

    /** softmax(Q K^T / sqrt(d)) V for each head (Vaswani et al. 2017, eq. 1). */
    private String attention(String x, String name, TransformerShape shape) {
        int width = shape.width();
        int inner = shape.attention();
        String query = split(linear(x, name + ".query", width, inner), name + ".q", shape, 0, 2, 1, 3);
        String key = split(linear(x, name + ".key", width, inner), name + ".k", shape, 0, 2, 3, 1);
        String value = split(linear(x, name + ".value", width, inner), name + ".v", shape, 0, 2, 1, 3);
        String scale = layers.parameter(
                name + ".scale", TensorValue.scalar((float) (1 / Math.sqrt(inner / (double) shape.heads()))));
        String scores = editor.add("MatMul", name + ".scores", editor.add("Mul", name + ".scaled", query, scale), key);
        String weights = editor.unique(name + ".weights");
        editor.add(
                Node.of("Softmax", weights, List.of(scores), List.of(weights)).withInteger("axis", -1));
        String mixed = transpose(editor.add("MatMul", name + ".mixed", weights, value), name + ".merged", 0, 2, 1, 3);
        return linear(reshape(mixed, name + ".joined", 0, 0, inner), name + ".project", inner, width);
    }

    /** [N, tokens, attention] to heads, in the given order of [N, tokens, heads, attention / heads]. */
    private String split(String x, String name, TransformerShape shape, long... order) {
        long perHead = shape.attention() / shape.heads();
        return transpose(reshape(x, name + ".heads", 0, 0, shape.heads(), perHead), name, order);
    }

    /** Normalisation over each token (Ba et al. 2016); scale 1, shift 0. */
    String normalize(String x, String name, int width) {
        String output = editor.unique(name);
        return editor.add(Node.of(
                        "LayerNormalization",
                        output,
                        List.of(
                                x,
                                layers.parameter(name + ".scale", Layers.filled(1, width)),
                                layers.parameter(name + ".shift", Layers.filled(0, width))),
                        List.of(output))
                .withInteger("axis", -1)
                .withNumber("epsilon", EPSILON));
    }

    /** [1, tokens, width], drawn as all weights are. */
    TensorValue positions(long tokens, int width) {
        return layers.gaussian(INITIAL_DEVIATION, 1, tokens, width);
    }

    private String linear(String x, String name, int in, int out) {
        String weight = layers.parameter(name + ".weight", layers.gaussian(INITIAL_DEVIATION, in, out));
        String bias = layers.parameter(name + ".bias", Layers.filled(0, out));
        return editor.add("Add", name, editor.add("MatMul", name + ".product", x, weight), bias);
    }

    /** In ONNX's Reshape a 0 keeps the dimension at that place. */
    String reshape(String x, String name, long... shape) {
        String wanted = layers.parameter(name + ".shape", TensorValue.ofLongs(shape, shape.length));
        return editor.add("Reshape", name, x, wanted);
    }

    String transpose(String x, String name, long... order) {
        String output = editor.unique(name);
        return editor.add(
                Node.of("Transpose", output, List.of(x), List.of(output)).withIntegers("perm", order));
    }
}
