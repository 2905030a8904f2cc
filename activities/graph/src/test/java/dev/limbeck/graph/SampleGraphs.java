package dev.limbeck.graph;

import java.util.List;
import java.util.Random;

/** Small networks for tests. */
final class SampleGraphs {

    private SampleGraphs() {}

    /** Convolution, batch norm and activation, then a residual layer, pooling and a matrix product; input [N, 3, 8, 8]. */
    static Graph residual() {
        Random random = new Random(7);
        GraphEditor editor = GraphEditor.create("residual")
                .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, 8, 8))
                .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 5));
        String stem = editor.add("HardSwish", "stem", convolution(editor, random, "conv0", "x", 3, 4, 2));
        String inner = editor.add("Relu", "inner", convolution(editor, random, "conv1", stem, 4, 4, 1));
        String sum = editor.add("Add", "sum", convolution(editor, random, "conv2", inner, 4, 4, 1), stem);
        String flat = editor.add("Flatten", "flat", editor.add("GlobalAveragePool", "pool", sum));
        editor.initializer("head.weight", random(random, 5, 4));
        editor.initializer("head.bias", random(random, 5));
        editor.add(Node.of("Gemm", "head", List.of(flat, "head.weight", "head.bias"), List.of("y"))
                .withInteger("transB", 1));
        return editor.build();
    }

    private static String convolution(
            GraphEditor editor, Random random, String name, String x, int in, int out, int stride) {
        editor.initializer(name + ".weight", random(random, out, in, 3, 3));
        String y = editor.add(Node.of("Conv", name, List.of(x, name + ".weight"), List.of(name))
                .withIntegers("kernel_shape", 3, 3)
                .withIntegers("strides", stride, stride)
                .withIntegers("pads", 1, 1, 1, 1));
        for (String part : List.of("scale", "shift", "mean")) {
            editor.initializer(name + "." + part, random(random, out));
        }
        float[] variance = random(random, out).floats();
        for (int i = 0; i < out; i++) {
            variance[i] = variance[i] * variance[i] + 0.1f;
        }
        editor.initializer(name + ".variance", TensorValue.ofFloats(variance, out));
        return editor.add(
                "BatchNormalization",
                name + ".bn",
                y,
                name + ".scale",
                name + ".shift",
                name + ".mean",
                name + ".variance");
    }

    static TensorValue random(Random random, long... shape) {
        float[] data = new float[(int) TensorValue.elements(shape)];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
        }
        return TensorValue.ofFloats(data, shape);
    }
}
