package dev.limbeck.learn;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.List;

/**
 * Builds a vision transformer (Dosovitskiy et al. 2021) with pre-normalisation, learned positions, and the mean of the tokens
 * instead of a class token. Tokens are [N, tokens, width]; their number is fixed by the image's size.
 */
final class VisionTransformer {

    private static final float EPSILON = 1e-6f;
    private static final double INITIAL_DEVIATION = 0.02;

    private final Layers layers;
    private final GraphEditor editor;
    private final int width;
    private final int heads;

    private VisionTransformer(Layers layers, int width, int heads) {
        this.layers = layers;
        this.editor = layers.editor();
        this.width = width;
        this.heads = heads;
    }

    static Graph build(ImageInput input, int classes, int patch, int width, int depth, int heads, long seed) {
        if (input.size() % patch != 0 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "images of %d cannot be cut into patches of %d, or width %d into %d heads"
                            .formatted(input.size(), patch, width, heads));
        }
        Layers layers = new Layers(input.graph("vit", classes), seed);
        VisionTransformer builder = new VisionTransformer(layers, width, heads);
        long tokens = (long) (input.size() / patch) * (input.size() / patch);
        String x = builder.embed(input.channels(), patch, tokens);
        for (int i = 0; i < depth; i++) {
            x = builder.block(x, "block" + i);
        }
        x = builder.normalize(x, "final");
        x = builder.editor.add(Node.of("ReduceMean", builder.editor.unique("pool"), List.of(x), List.of("pooled"))
                .withIntegers("axes", 1)
                .withInteger("keepdims", 0));
        layers.fullyConnected(x, "classifier", ImageInput.OUTPUT, width, classes);
        return builder.editor.build();
    }

    private String embed(int channels, int patch, long tokens) {
        String x = layers.patches(ImageInput.INPUT, "embed", channels, width, patch);
        x = transpose(reshape(x, "embed.flat", 0, width, tokens), "embed.tokens", 0, 2, 1);
        String positions = layers.parameter("positions", layers.gaussian(INITIAL_DEVIATION, 1, tokens, width));
        return editor.add("Add", "embed.positioned", x, positions);
    }

    private String block(String x, String name) {
        String attended = editor.add("Add", name + ".attended", x, attention(normalize(x, name + ".norm1"), name));
        String hidden = linear(normalize(attended, name + ".norm2"), name + ".mlp1", width, 4 * width);
        String mixed =
                linear(layers.activation(hidden, name + ".mlp", Activation.GELU), name + ".mlp2", 4 * width, width);
        return editor.add("Add", name + ".out", attended, mixed);
    }

    /** softmax(Q K^T / sqrt(d)) V for each head (Vaswani et al. 2017, eq. 1). */
    private String attention(String x, String name) {
        int perHead = width / heads;
        String query = split(linear(x, name + ".query", width, width), name + ".q", 0, 2, 1, 3);
        String key = split(linear(x, name + ".key", width, width), name + ".k", 0, 2, 3, 1);
        String value = split(linear(x, name + ".value", width, width), name + ".v", 0, 2, 1, 3);
        String scale = layers.parameter(name + ".scale", TensorValue.scalar((float) (1 / Math.sqrt(perHead))));
        String scores = editor.add("MatMul", name + ".scores", editor.add("Mul", name + ".scaled", query, scale), key);
        String weights = editor.unique(name + ".weights");
        editor.add(
                Node.of("Softmax", weights, List.of(scores), List.of(weights)).withInteger("axis", -1));
        String mixed = transpose(editor.add("MatMul", name + ".mixed", weights, value), name + ".merged", 0, 2, 1, 3);
        return linear(reshape(mixed, name + ".joined", 0, 0, width), name + ".project", width, width);
    }

    /** [N, tokens, width] to heads, in the given order of [N, tokens, heads, width / heads]. */
    private String split(String x, String name, long... order) {
        return transpose(reshape(x, name + ".heads", 0, 0, heads, width / heads), name, order);
    }

    private String normalize(String x, String name) {
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

    private String linear(String x, String name, int in, int out) {
        String weight = layers.parameter(name + ".weight", layers.gaussian(INITIAL_DEVIATION, in, out));
        String bias = layers.parameter(name + ".bias", Layers.filled(0, out));
        return editor.add("Add", name, editor.add("MatMul", name + ".product", x, weight), bias);
    }

    /** In ONNX's Reshape a 0 keeps the dimension at that place. */
    private String reshape(String x, String name, long... shape) {
        String wanted = layers.parameter(name + ".shape", TensorValue.ofLongs(shape, shape.length));
        return editor.add("Reshape", name, x, wanted);
    }

    private String transpose(String x, String name, long... order) {
        String output = editor.unique(name);
        return editor.add(
                Node.of("Transpose", output, List.of(x), List.of(output)).withIntegers("perm", order));
    }
}
