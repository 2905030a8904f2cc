package dev.limbeck.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Small networks with random weights for tests. */
final class TestNetworks {

    private final GraphEditor editor;
    private final Random random;

    private TestNetworks(String name, long seed) {
        this.editor = GraphEditor.create(name);
        this.random = new Random(seed);
    }

    /** Convolutions with batch norms, an inverted residual, squeeze-and-excitation, pooling and a head; 3x16x16 to 5. */
    static Graph convolutional(long seed) {
        TestNetworks n = new TestNetworks("convolutional", seed);
        n.editor.input(new ValueInfo("image", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, 16, 16));
        String x = n.relu6("stem_act", n.norm("stem_bn", n.conv("stem", "image", 3, 8, 3, 2, 1, false), 8));
        for (int block = 0; block < 3; block++) {
            x = n.invertedResidual("block" + block, x, 8);
        }
        x = n.editor.add("GlobalAveragePool", "pool", x);
        x = n.editor.add("Flatten", "flat", x);
        n.editor.add(Node.of(
                        "Gemm",
                        "logits",
                        List.of(x, n.weight("head_w", 5, 8), n.weight("head_b", 5)),
                        List.of("logits"))
                .withInteger("transB", 1));
        return n.editor
                .output(new ValueInfo("logits", ElementType.FLOAT, ValueInfo.DYNAMIC, 5))
                .build();
    }

    /** Patches, a class token, one attention block with heads and shapes computed at run time as PyTorch exports them. */
    static Graph transformer(long seed) {
        TestNetworks n = new TestNetworks("transformer", seed);
        GraphEditor e = n.editor;
        e.input(new ValueInfo("image", ElementType.FLOAT, ValueInfo.DYNAMIC, 1, 8, 8));
        String patches = n.conv("patches", "image", 1, 12, 4, 4, 0, true); // [batch, 12, 2, 2]
        String shape = e.add("Shape", "patches_shape", patches);
        String batch = e.add("Gather", "batch", shape, e.initializer("zero", TensorValue.ofLongs(new long[] {0}, 1)));
        String rows = e.add(
                "Concat", "rows_shape", batch, e.initializer("rows_tail", TensorValue.ofLongs(new long[] {12, -1}, 2)));
        n.last(rows, node -> node.withInteger("axis", 0));
        String rowsFirst = e.add("Transpose", "tokens", e.add("Reshape", "rows", patches, rows));
        n.last(rowsFirst, node -> node.withIntegers("perm", 0, 2, 1)); // [batch, 4, 12]
        String tokenShape = e.add(
                "Concat",
                "token_shape",
                batch,
                e.initializer("token_tail", TensorValue.ofLongs(new long[] {1, 12}, 2)));
        n.last(tokenShape, node -> node.withInteger("axis", 0));
        String token = e.add("Expand", "class_token", n.weight("token", 1, 1, 12), tokenShape);
        String x = e.add("Concat", "with_token", token, rowsFirst);
        n.last(x, node -> node.withInteger("axis", 1));
        x = e.add("Add", "positioned", x, n.weight("positions", 1, 5, 12));
        x = e.add("Add", "attended", x, n.attention(e, n.layerNorm("norm1", x)));
        String hidden = e.add("MatMul", "mlp_up", n.layerNorm("norm2", x), n.weight("mlp_up_w", 12, 24));
        hidden = n.gelu("mlp_gelu", hidden);
        x = e.add("Add", "mlp_added", x, e.add("MatMul", "mlp_down", hidden, n.weight("mlp_down_w", 24, 12)));
        String first = e.add("Gather", "first", x, e.initializer("index0", TensorValue.ofLongs(new long[] {0})));
        n.last(first, node -> node.withInteger("axis", 1));
        e.add(Node.of("Gemm", "logits", List.of(first, n.weight("head", 12, 5)), List.of("logits")));
        return e.output(new ValueInfo("logits", ElementType.FLOAT, ValueInfo.DYNAMIC, 5))
                .build();
    }

    private String attention(GraphEditor e, String x) {
        String qkv = e.add("MatMul", "qkv", x, weight("qkv_w", 12, 36));
        e.add(Node.of("Split", "split", List.of(qkv), List.of("q", "k", "v")).withInteger("axis", 2));
        String[] heads = new String[3];
        for (int i = 0; i < 3; i++) {
            String part = List.of("q", "k", "v").get(i);
            String to = e.initializer(part + "_shape", TensorValue.ofLongs(new long[] {0, 0, 3, 4}, 4));
            heads[i] = e.add("Transpose", part + "_heads", e.add("Reshape", part + "_split", part, to));
            int[] order = i == 1 ? new int[] {0, 2, 3, 1} : new int[] {0, 2, 1, 3};
            last(
                    heads[i],
                    node -> node.withIntegers(
                            "perm", Arrays.stream(order).asLongStream().toArray()));
        }
        String scores = e.add("MatMul", "scores", heads[0], heads[1]);
        scores = e.add("Div", "scaled", scores, e.initializer("root", TensorValue.scalar(2)));
        String weights = e.add("Softmax", "attention", scores);
        last(weights, node -> node.withInteger("axis", -1));
        String mixed = e.add("Transpose", "mixed_t", e.add("MatMul", "mixed", weights, heads[2]));
        last(mixed, node -> node.withIntegers("perm", 0, 2, 1, 3));
        String merged = e.add(
                "Reshape",
                "merged",
                mixed,
                e.initializer("merged_shape", TensorValue.ofLongs(new long[] {0, 0, 12}, 3)));
        return e.add("MatMul", "projected", merged, weight("projected_w", 12, 12));
    }

    private String gelu(String name, String x) {
        String erf = editor.add(
                "Erf",
                name + "_erf",
                editor.add("Mul", name + "_in", x, editor.initializer(name + "_c", TensorValue.scalar(0.70710677f))));
        String gate = editor.add("Add", name + "_one", erf, editor.initializer(name + "_1", TensorValue.scalar(1)));
        String twice = editor.add("Mul", name + "_gate", x, gate);
        return editor.add("Mul", name, twice, editor.initializer(name + "_h", TensorValue.scalar(0.5f)));
    }

    private String layerNorm(String name, String x) {
        return editor.add("LayerNormalization", name, x, weight(name + "_w", 12), weight(name + "_b", 12));
    }

    private String invertedResidual(String name, String x, int channels) {
        int hidden = 2 * channels;
        String y = conv(name + "_expand", x, channels, hidden, 1, 1, 0, false);
        y = relu6(name + "_act1", norm(name + "_bn1", y, hidden));
        y = depthwise(name + "_dw", y, hidden);
        y = editor.add("HardSwish", name + "_act2", norm(name + "_bn2", y, hidden));
        String gate = editor.add("GlobalAveragePool", name + "_squeeze", y);
        gate = editor.add("Relu", name + "_se1_act", conv(name + "_se1", gate, hidden, 4, 1, 1, 0, true));
        gate = editor.add("HardSigmoid", name + "_gate", conv(name + "_se2", gate, 4, hidden, 1, 1, 0, true));
        y = editor.add("Mul", name + "_excite", y, gate);
        y = norm(name + "_bn3", conv(name + "_project", y, hidden, channels, 1, 1, 0, false), channels);
        return editor.add("Add", name + "_out", x, y);
    }

    private String relu6(String name, String x) {
        if (editor.initializer("six") == null) {
            editor.initializer("none", TensorValue.scalar(0));
            editor.initializer("six", TensorValue.scalar(6));
        }
        return editor.add("Clip", name, x, "none", "six");
    }

    private String norm(String name, String x, int channels) {
        float[] variance = new float[channels];
        for (int i = 0; i < channels; i++) {
            variance[i] = 0.5f + random.nextFloat();
        }
        String v = editor.initializer(name + "_var", TensorValue.ofFloats(variance, channels));
        return editor.add(
                "BatchNormalization",
                name,
                x,
                weight(name + "_scale", channels),
                weight(name + "_shift", channels),
                weight(name + "_mean", channels),
                v);
    }

    private String depthwise(String name, String x, int channels) {
        editor.add(Node.of("Conv", name, List.of(x, weight(name + "_w", channels, 1, 3, 3)), List.of(name))
                .withIntegers("pads", 1, 1, 1, 1)
                .withInteger("group", channels));
        return name;
    }

    private String conv(String name, String x, int in, int out, int kernel, int stride, int pad, boolean bias) {
        String w = weight(name + "_w", out, in, kernel, kernel);
        List<String> inputs = bias ? List.of(x, w, weight(name + "_b", out)) : List.of(x, w);
        editor.add(Node.of("Conv", name, inputs, List.of(name))
                .withIntegers("strides", stride, stride)
                .withIntegers("pads", pad, pad, pad, pad));
        return name;
    }

    private String weight(String name, long... shape) {
        float[] data = new float[Math.toIntExact(TensorValue.elements(shape))];
        for (int i = 0; i < data.length; i++) {
            data[i] = 0.3f * (float) random.nextGaussian();
        }
        return editor.initializer(name, TensorValue.ofFloats(data, shape));
    }

    private void last(String output, java.util.function.UnaryOperator<Node> change) {
        Node node = editor.nodes().getLast();
        if (!node.output(0).equals(output)) {
            throw new IllegalStateException(output + " was not added last");
        }
        editor.replace(node, change.apply(node));
    }
}
