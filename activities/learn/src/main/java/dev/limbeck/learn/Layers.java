package dev.limbeck.learn;

import static java.util.Objects.requireNonNull;

import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Adds layers with random weights to a graph under construction. The same seed and the same calls give the same weights.
 *
 * <p>Every method takes the name of the tensor that comes in and a name for the new nodes, and returns the name of the tensor that
 * goes out. Images are [N, channels, height, width]. Convolutions are padded by kernel / 2, have no bias, and are drawn from a
 * normal distribution of variance 2 / fan-in (He et al. 2015).
 */
public final class Layers {

    private static final float EPSILON = 1e-5f;

    /** ONNX's momentum: the share of the old running statistic that is kept in a training step. */
    private static final float BATCH_NORM_MOMENTUM = 0.9f;

    private final GraphEditor editor;
    private final Random random;

    public Layers(GraphEditor editor, long seed) {
        this.editor = requireNonNull(editor, "editor is null");
        this.random = new Random(seed);
    }

    public GraphEditor editor() {
        return editor;
    }

    /** Convolution, batch normalization, activation. */
    public String convolution(
            String x, String name, int in, int out, int kernel, int stride, int groups, Activation activation) {
        int fanIn = in / groups * kernel * kernel;
        String weight = parameter(name + ".weight", gaussian(Math.sqrt(2.0 / fanIn), out, in / groups, kernel, kernel));
        return activation(
                batchNorm(convolve(x, name, weight, kernel, stride, groups, kernel / 2), name + ".bn", out),
                name,
                activation);
    }

    /** Normalisation over batch, height and width; scale 1, shift 0, running mean 0 and variance 1. */
    public String batchNorm(String x, String name, int channels) {
        String output = editor.unique(name);
        return editor.add(Node.of(
                        "BatchNormalization",
                        output,
                        List.of(
                                x,
                                parameter(name + ".scale", filled(1, channels)),
                                parameter(name + ".shift", filled(0, channels)),
                                parameter(name + ".mean", filled(0, channels)),
                                parameter(name + ".variance", filled(1, channels))),
                        List.of(output))
                .withNumber("epsilon", EPSILON)
                .withNumber("momentum", BATCH_NORM_MOMENTUM));
    }

    public String activation(String x, String name, Activation activation) {
        return switch (activation) {
            case NONE -> x;
            case RELU -> editor.add("Relu", name + ".relu", x);
            case RELU6 ->
                editor.add(
                        "Clip",
                        name + ".relu6",
                        x,
                        parameter(name + ".low", TensorValue.scalar(0)),
                        parameter(name + ".high", TensorValue.scalar(6)));
            case HARDSWISH -> editor.add("HardSwish", name + ".hardswish", x);
            case SILU -> editor.add("Mul", name + ".silu", x, editor.add("Sigmoid", name + ".sigmoid", x));
            case GELU -> {
                String scaled =
                        editor.add("Mul", name + ".scaled", x, parameter(name + ".rsqrt2", TensorValue.scalar((float)
                                Math.sqrt(0.5))));
                String shifted = editor.add(
                        "Add",
                        name + ".shifted",
                        editor.add("Erf", name + ".erf", scaled),
                        parameter(name + ".one", TensorValue.scalar(1)));
                String half = editor.add("Mul", name + ".half", x, parameter(name + ".0_5", TensorValue.scalar(0.5f)));
                yield editor.add("Mul", name + ".gelu", half, shifted);
            }
        };
    }

    /** Squeeze-and-excitation (Hu et al. 2018) with the hard sigmoid of MobileNetV3: x times a factor for each channel. */
    public String squeezeExcite(String x, String name, int channels, int squeeze) {
        String pooled = editor.add("GlobalAveragePool", name + ".pool", x);
        String reduced =
                activation(pointwiseWithBias(pooled, name + ".reduce", channels, squeeze), name, Activation.RELU);
        String expanded = pointwiseWithBias(reduced, name + ".expand", squeeze, channels);
        String output = editor.unique(name + ".gate");
        String gate = editor.add(Node.of("HardSigmoid", output, List.of(expanded), List.of(output))
                .withNumber("alpha", 1 / 6f)
                .withNumber("beta", 0.5f));
        return editor.add("Mul", name + ".excite", x, gate);
    }

    /**
     * Inverted residual (Sandler et al. 2018): 1x1 to the hidden channels (left out where they are as many as come in), depthwise,
     * 1x1 to the output.
     */
    public String invertedResidual(String x, String name, BlockShape shape) {
        String y = shape.hidden() == shape.in()
                ? x
                : convolution(x, name + ".expand", shape.in(), shape.hidden(), 1, 1, 1, shape.activation());
        y = convolution(
                y,
                name + ".depthwise",
                shape.hidden(),
                shape.hidden(),
                shape.kernel(),
                shape.stride(),
                shape.hidden(),
                shape.activation());
        return project(x, y, name, shape);
    }

    /**
     * Bottleneck with a grouped convolution (Xie et al. 2017): 1x1 to the hidden channels, grouped, 1x1 to the output.
     *
     * @param groups divides the hidden channels
     */
    public String groupedBottleneck(String x, String name, BlockShape shape, int groups) {
        if (shape.hidden() % groups != 0) {
            throw new IllegalArgumentException(shape.hidden() + " hidden channels cannot form " + groups + " groups");
        }
        String y = convolution(x, name + ".reduce", shape.in(), shape.hidden(), 1, 1, 1, shape.activation());
        y = convolution(
                y,
                name + ".grouped",
                shape.hidden(),
                shape.hidden(),
                shape.kernel(),
                shape.stride(),
                groups,
                shape.activation());
        return project(x, y, name, shape);
    }

    /** One full convolution to the hidden channels, then 1x1 to the output: the fused inverted residual of EfficientNetV2. */
    public String plain(String x, String name, BlockShape shape) {
        String y = convolution(
                x, name + ".full", shape.in(), shape.hidden(), shape.kernel(), shape.stride(), 1, shape.activation());
        return project(x, y, name, shape);
    }

    /** Two full convolutions with a shortcut, which is a strided 1x1 where the shapes differ (He et al. 2016, basic block). */
    public String basicResidual(String x, String name, BlockShape shape) {
        String y = convolution(
                x, name + ".first", shape.in(), shape.hidden(), shape.kernel(), shape.stride(), 1, shape.activation());
        y = convolution(y, name + ".second", shape.hidden(), shape.out(), shape.kernel(), 1, 1, Activation.NONE);
        String shortcut = shape.hasResidual()
                ? x
                : convolution(x, name + ".shortcut", shape.in(), shape.out(), 1, shape.stride(), 1, Activation.NONE);
        return activation(editor.add("Add", name + ".add", y, shortcut), name + ".out", shape.outputActivation());
    }

    /** Global average pooling and a fully connected layer: [N, in, height, width] to [N, classes]. */
    public String classifier(String x, String name, String output, int in, int classes) {
        String flat = editor.add("Flatten", name + ".flatten", editor.add("GlobalAveragePool", name + ".pool", x));
        return fullyConnected(flat, name, output, in, classes);
    }

    /** [N, in] to [N, out]; the tensor that goes out gets the name {@code output}, which must be free. */
    public String fullyConnected(String x, String name, String output, int in, int out) {
        String weight = parameter(name + ".weight", gaussian(Math.sqrt(1.0 / in), out, in));
        String bias = parameter(name + ".bias", filled(0, out));
        return editor.add(Node.of("Gemm", editor.unique(name), List.of(x, weight, bias), List.of(output))
                .withInteger("transB", 1));
    }

    /** A convolution with a bias whose stride is its kernel: cuts an image into square patches. */
    public String patches(String x, String name, int in, int out, int size) {
        String weight = parameter(name + ".weight", gaussian(Math.sqrt(1.0 / (in * size * size)), out, in, size, size));
        String bias = parameter(name + ".bias", filled(0, out));
        return convolveWith(List.of(x, weight, bias), name, size, size, 1, 0);
    }

    /** Adds an initializer with a unique name made from this one; @return that name */
    public String parameter(String name, TensorValue value) {
        return editor.initializer(editor.unique(name), value);
    }

    /** Normally distributed, mean 0. */
    public TensorValue gaussian(double standardDeviation, long... shape) {
        float[] data = new float[Math.toIntExact(TensorValue.elements(shape))];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (random.nextGaussian() * standardDeviation);
        }
        return TensorValue.ofFloats(data, shape);
    }

    public static TensorValue filled(float value, long... shape) {
        float[] data = new float[Math.toIntExact(TensorValue.elements(shape))];
        Arrays.fill(data, value);
        return TensorValue.ofFloats(data, shape);
    }

    private String project(String x, String hidden, String name, BlockShape shape) {
        String y = shape.squeeze() == 0
                ? hidden
                : squeezeExcite(hidden, name + ".squeeze", shape.hidden(), shape.squeeze());
        y = convolution(y, name + ".project", shape.hidden(), shape.out(), 1, 1, 1, Activation.NONE);
        if (shape.hasResidual()) {
            y = editor.add("Add", name + ".add", y, x);
        }
        return activation(y, name + ".out", shape.outputActivation());
    }

    private String pointwiseWithBias(String x, String name, int in, int out) {
        String weight = parameter(name + ".weight", gaussian(Math.sqrt(2.0 / in), out, in, 1, 1));
        String bias = parameter(name + ".bias", filled(0, out));
        return convolveWith(List.of(x, weight, bias), name, 1, 1, 1, 0);
    }

    private String convolve(String x, String name, String weight, int kernel, int stride, int groups, int pad) {
        return convolveWith(List.of(x, weight), name + ".conv", kernel, stride, groups, pad);
    }

    private String convolveWith(List<String> inputs, String name, int kernel, int stride, int groups, int pad) {
        String output = editor.unique(name);
        return editor.add(Node.of("Conv", output, inputs, List.of(output))
                .withIntegers("kernel_shape", kernel, kernel)
                .withIntegers("strides", stride, stride)
                .withIntegers("pads", pad, pad, pad, pad)
                .withInteger("group", groups));
    }
}
