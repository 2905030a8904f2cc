package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import dev.limbeck.runtime.Activations;
import dev.limbeck.runtime.SessionOptions;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small networks with random weights and batch norms, and images for them: input "x" [N, 3, 12, 12], output "y" [N, 10]. */
final class TestNetworks {

    static final int SIZE = 12;
    static final int CLASSES = 10;

    private final GraphEditor editor = GraphEditor.create("test")
            .input(new ValueInfo("x", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, SIZE, SIZE))
            .output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, CLASSES))
            .metadata(Map.of("limbeck.input.mean", "0.5", "limbeck.input.std", "0.1"));
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

    /** Convolutions, depthwise ones and a shortcut, with one activation everywhere. */
    static Graph residual(String activation, long seed) {
        TestNetworks net = new TestNetworks(seed);
        String x = net.activation(net.convolution("x", "stem", 3, 16, 3, 1), activation);
        String y = net.activation(net.convolution(x, "expand", 16, 32, 1, 1), activation);
        y = net.activation(net.convolution(y, "depthwise", 32, 32, 3, 32), activation);
        y = net.convolution(y, "project", 32, 16, 1, 1);
        x = net.editor.add("Add", "add", x, y);
        return net.head(net.activation(net.convolution(x, "head", 16, 32, 1, 1), activation), 32);
    }

    /** An inverted residual with squeeze-and-excitation and hard swish. */
    static Graph squeezeExcite(long seed) {
        TestNetworks net = new TestNetworks(seed);
        String x = net.activation(net.convolution("x", "stem", 3, 16, 3, 1), "HardSwish");
        String y = net.activation(net.convolution(x, "depthwise", 16, 16, 3, 16), "HardSwish");
        String pooled = net.editor.add("GlobalAveragePool", "pooled", y);
        String gate = net.activation(net.plainConvolution(pooled, "reduce", 16, 8, 1, 1), "Relu");
        gate = net.plainConvolution(gate, "restore", 8, 16, 1, 1);
        gate = net.editor.add(Node.of("HardSigmoid", "gate", List.of(gate), List.of("gate"))
                .withNumber("alpha", 1 / 6f)
                .withNumber("beta", 0.5f));
        y = net.editor.add("Mul", "excite", y, gate);
        y = net.convolution(y, "project", 16, 16, 1, 1);
        return net.head(net.editor.add("Add", "add", x, y), 16);
    }

    /** Batch norms and ReLUs before convolutions, a hard swish as a product, a mean over the image instead of pooling. */
    static Graph preActivation(long seed) {
        TestNetworks net = new TestNetworks(seed);
        String x = net.plainConvolution("x", "stem", 3, 16, 3, 1);
        String y = net.activation(net.batchNorm(x, "norm", 16), "Relu");
        y = net.plainConvolution(y, "first", 16, 16, 3, 1);
        x = net.editor.add("Add", "add", x, y);
        String rectified = net.activation(x, "Relu"); // the sum is read below as well
        y = net.plainConvolution(rectified, "second", 16, 16, 1, 1);
        y = net.editor.add("Add", "add2", x, y);
        String gate = net.editor.add(Node.of("HardSigmoid", "gate", List.of(y), List.of("gate"))
                .withNumber("alpha", 1 / 6f)
                .withNumber("beta", 0.5f));
        y = net.editor.add("Mul", "swish", y, gate);
        String mean = net.editor.add(Node.of("ReduceMean", "mean", List.of(y), List.of("mean"))
                .withIntegers("axes", -2, -1)
                .withInteger("keepdims", 0));
        return net.fullyConnected(mean, 16);
    }

    /** A block as a search cuts it: hard swish inside, ends in an Add with a ReLU; input "x" and output "y" [N, 3, 12, 12]. */
    static Graph block(long seed) {
        TestNetworks net = new TestNetworks(seed);
        net.editor.clearOutputs().output(new ValueInfo("y", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, SIZE, SIZE));
        String y = net.activation(net.convolution("x", "expand", 3, 12, 1, 1), "HardSwish");
        y = net.convolution(y, "project", 12, 3, 3, 1);
        y = net.editor.add("Add", "add", "x", y);
        net.editor.add(Node.of("Relu", "last", List.of(y), List.of("y")));
        return net.editor.build();
    }

    /** A chain that cross-layer equalization passes through from end to end. */
    static Graph chain(String activation, long seed) {
        TestNetworks net = new TestNetworks(seed);
        String x = net.activation(net.convolution("x", "first", 3, 16, 3, 1), activation);
        x = net.activation(net.convolution(x, "depthwise", 16, 16, 3, 16), activation);
        x = net.activation(net.convolution(x, "second", 16, 24, 1, 1), activation);
        x = net.activation(net.convolution(x, "grouped", 24, 24, 3, 4), activation);
        return net.head(x, 24);
    }

    /** The same network with batch norms whose statistics are true for these images, as training would leave them. */
    static Graph trained(Graph graph, FloatTensor images) {
        Graph trained = graph;
        for (Node norm : graph.nodes()) {
            if (!norm.op().equals("BatchNormalization")) {
                continue;
            }
            FloatTensor values = Activations.collect(
                            trained, List.of(norm.input(0)), images, 64, SessionOptions.defaults())
                    .get(norm.input(0));
            int channels = (int) values.shape()[1];
            int positions = values.itemSize() / channels;
            double count = values.batch() * (double) positions;
            double[] sum = new double[channels];
            double[] squares = new double[channels];
            for (int i = 0; i < values.data().length; i++) {
                double value = values.data()[i];
                sum[i / positions % channels] += value;
                squares[i / positions % channels] += value * value;
            }
            float[] mean = new float[channels];
            float[] variance = new float[channels];
            for (int c = 0; c < channels; c++) {
                mean[c] = (float) (sum[c] / count);
                variance[c] = (float) (squares[c] / count - sum[c] / count * sum[c] / count);
            }
            GraphEditor editor = trained.edit();
            editor.initializer(norm.input(3), TensorValue.ofFloats(mean, channels));
            editor.initializer(norm.input(4), TensorValue.ofFloats(variance, channels));
            trained = editor.build();
        }
        return trained;
    }

    private Graph head(String x, int channels) {
        String pooled = editor.add("GlobalAveragePool", "pool", x);
        return fullyConnected(editor.add("Flatten", "flat", pooled), channels);
    }

    private Graph fullyConnected(String flat, int channels) {
        String weight = editor.initializer("fc.weight", gaussian(1 / Math.sqrt(channels), CLASSES, channels));
        String bias = editor.initializer("fc.bias", gaussian(0.1, CLASSES));
        editor.add(
                Node.of("Gemm", "fc", List.of(flat, weight, bias), List.of("y")).withInteger("transB", 1));
        return editor.build();
    }

    private String activation(String x, String activation) {
        return switch (activation) {
            case "Clip" -> editor.add("Clip", x + ".act", x, constant("low", 0), constant("high", 6));
            case "PRelu" -> editor.add("PRelu", x + ".act", x, editor.initializer(x + ".slope", slopes()));
            default -> editor.add(activation, x + ".act", x);
        };
    }

    private TensorValue slopes() {
        return TensorValue.ofFloats(new float[] {0.1f}, 1, 1, 1);
    }

    private String constant(String name, float value) {
        return editor.initializer(name, TensorValue.ofFloats(new float[] {value}));
    }

    private String convolution(String x, String name, int in, int out, int kernel, int groups) {
        return batchNorm(plainConvolution(x, name, in, out, kernel, groups), name, out);
    }

    private String batchNorm(String x, String name, int out) {
        float[] variance = new float[out];
        for (int i = 0; i < out; i++) {
            variance[i] = 0.5f + random.nextFloat();
        }
        return editor.add(
                "BatchNormalization",
                name + ".bn",
                x,
                editor.initializer(name + ".scale", TensorValue.ofFloats(variance.clone(), out)),
                editor.initializer(name + ".shift", gaussian(0.3, out)),
                editor.initializer(name + ".mean", gaussian(0.2, out)),
                editor.initializer(name + ".variance", TensorValue.ofFloats(variance, out)));
    }

    private String plainConvolution(String x, String name, int in, int out, int kernel, int groups) {
        double deviation = Math.sqrt(2.0 * groups / (in * kernel * kernel));
        String weight = editor.initializer(name + ".weight", gaussian(deviation, out, in / groups, kernel, kernel));
        String bias = editor.initializer(name + ".bias", gaussian(0.1, out));
        int pad = kernel / 2;
        return editor.add(Node.of("Conv", name, List.of(x, weight, bias), List.of(name))
                .withIntegers("kernel_shape", kernel, kernel)
                .withIntegers("pads", pad, pad, pad, pad)
                .withInteger("group", groups));
    }

    private TensorValue gaussian(double deviation, long... shape) {
        float[] data = new float[Math.toIntExact(TensorValue.elements(shape))];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (random.nextGaussian() * deviation);
        }
        return TensorValue.ofFloats(data, shape);
    }
}
