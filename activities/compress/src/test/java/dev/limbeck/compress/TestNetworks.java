package dev.limbeck.compress;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Inference;
import dev.limbeck.runtime.SessionOptions;
import java.util.List;
import java.util.Random;

/** A small residual network with random weights, and images for it: input "x" [N, 3, 12, 12], output "y" [N, 10]. */
final class TestNetworks {

    static final int SIZE = 12;

    private final GraphEditor editor = GraphEditor.create("test")
            .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, SIZE, SIZE))
            .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 10));
    private final Random random;

    private TestNetworks(long seed) {
        random = new Random(seed);
    }

    static FloatTensor images(int count, long seed) {
        Random random = new Random(seed);
        float[] data = new float[count * 3 * SIZE * SIZE];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) random.nextGaussian();
        }
        return new FloatTensor(data, count, 3, SIZE, SIZE);
    }

    /** A strided stem, an inverted residual with a depthwise convolution, a basic residual block, two matrix products. */
    static Graph residual(long seed) {
        TestNetworks net = new TestNetworks(seed);
        String x = net.relu(net.convolution("x", "stem", 3, 12, 3, 1, 2));
        String y = net.relu(net.convolution(x, "expand", 12, 20, 1, 1, 1));
        y = net.relu(net.convolution(y, "depthwise", 20, 20, 3, 20, 1));
        y = net.convolution(y, "project", 20, 12, 1, 1, 1);
        x = net.editor.add("Add", "add", x, y);
        y = net.relu(net.convolution(x, "first", 12, 16, 3, 1, 1));
        y = net.convolution(y, "second", 16, 12, 3, 1, 1);
        x = net.relu(net.editor.add("Add", "add2", x, y));
        String flat = net.editor.add("Flatten", "flat", net.editor.add("GlobalAveragePool", "pool", x));
        String hidden = net.relu(net.product(flat, "hidden", 12, 24));
        String weight = net.editor.initializer("last.weight", net.gaussian(0.3, 24, 10));
        net.editor.add(Node.of("MatMul", "last", List.of(hidden, weight), List.of("y")));
        return net.editor.build();
    }

    /** One convolution of 4 to 6 channels with these attributes, and no bias. */
    static Graph convolution(Node given, long height, long width) {
        TestNetworks net = new TestNetworks(5);
        net.editor.clearInputs().input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 4, SIZE, SIZE));
        net.editor.clearOutputs().output(ValueInfo.unranked("y", ElementType.FLOAT));
        String weight = net.editor.initializer("weight", net.gaussian(0.3, 6, 4, height, width));
        net.editor.add(given.withInputs(List.of("x", weight)).withOutputs(List.of("y")));
        return net.editor.build();
    }

    static float[] run(Graph graph, FloatTensor images) {
        return Inference.run(graph, images, 4, SessionOptions.defaults()).data();
    }

    /** sum (x - y)^2 / sum x^2 */
    static double error(float[] expected, float[] actual) {
        double signal = 0;
        double noise = 0;
        for (int i = 0; i < expected.length; i++) {
            signal += expected[i] * (double) expected[i];
            noise += Math.pow(expected[i] - (double) actual[i], 2);
        }
        return noise / signal;
    }

    private String relu(String x) {
        return editor.add("Relu", x + ".relu", x);
    }

    private String product(String x, String name, int in, int out) {
        String weight = editor.initializer(name + ".weight", gaussian(0.3, out, in));
        String bias = editor.initializer(name + ".bias", gaussian(0.3, out));
        return editor.add(Node.of("Gemm", name, List.of(x, weight, bias), List.of(name))
                .withInteger("transB", 1)
                .withNumber("alpha", 0.5f));
    }

    private String convolution(String x, String name, int in, int out, int kernel, int groups, int stride) {
        double deviation = Math.sqrt(2.0 * groups / (in * kernel * kernel));
        String weight = editor.initializer(name + ".weight", gaussian(deviation, out, in / groups, kernel, kernel));
        String bias = editor.initializer(name + ".bias", gaussian(0.1, out));
        int pad = kernel / 2;
        editor.add(Node.of("Conv", name, List.of(x, weight, bias), List.of(name))
                .withIntegers("kernel_shape", kernel, kernel)
                .withIntegers("strides", stride, stride)
                .withIntegers("pads", pad, pad, pad, pad)
                .withInteger("group", groups));
        return editor.add(
                "BatchNormalization",
                name + ".bn",
                name,
                editor.initializer(name + ".scale", uniform(out)),
                editor.initializer(name + ".shift", gaussian(0.3, out)),
                editor.initializer(name + ".mean", gaussian(0.2, out)),
                editor.initializer(name + ".variance", uniform(out)));
    }

    private TensorValue uniform(int size) {
        float[] data = new float[size];
        for (int i = 0; i < size; i++) {
            data[i] = 0.5f + random.nextFloat();
        }
        return TensorValue.ofFloats(data, size);
    }

    private TensorValue gaussian(double deviation, long... shape) {
        float[] data = new float[Math.toIntExact(TensorValue.elements(shape))];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (random.nextGaussian() * deviation);
        }
        return TensorValue.ofFloats(data, shape);
    }
}
