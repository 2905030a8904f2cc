package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.FloatTensor;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import java.util.List;
import java.util.SplittableRandom;

/** Small graphs and random data for tests. */
final class Nets {

    private Nets() {}

    static float[] normal(SplittableRandom random, int count, double deviation) {
        float[] data = new float[count];
        for (int i = 0; i < count; i++) {
            data[i] = (float) (random.nextGaussian() * deviation);
        }
        return data;
    }

    static FloatTensor normal(long seed, long... shape) {
        return new FloatTensor(normal(new SplittableRandom(seed), (int) TensorValue.elements(shape), 1), shape);
    }

    static TensorValue weights(SplittableRandom random, double deviation, long... shape) {
        return TensorValue.ofFloats(normal(random, (int) TensorValue.elements(shape), deviation), shape);
    }

    static ValueInfo input(long... shape) {
        return new ValueInfo("x", ElementType.FLOAT, shape);
    }

    static Graph finish(GraphEditor editor, String output) {
        return editor.output(new ValueInfo(output, ElementType.FLOAT)).build();
    }

    static String conv(
            GraphEditor g, SplittableRandom random, String x, int in, int out, int kernel, int stride, int groups) {
        String name = g.unique("conv");
        double deviation = Math.sqrt(2.0 / (kernel * kernel * in / groups));
        String w =
                g.initializer(g.unique(name + ".weight"), weights(random, deviation, out, in / groups, kernel, kernel));
        int pad = kernel / 2;
        String y = g.add(Node.of("Conv", name, List.of(x, w), List.of(g.unique(name + "_out")))
                .withIntegers("strides", stride, stride)
                .withIntegers("pads", pad, pad, pad, pad)
                .withInteger("group", groups));
        return batchNorm(g, random, y, out);
    }

    static String batchNorm(GraphEditor g, SplittableRandom random, String x, int channels) {
        String name = g.unique("bn");
        float[] scale = normal(random, channels, 0.1);
        float[] variance = new float[channels];
        for (int i = 0; i < channels; i++) {
            scale[i] += 1;
            variance[i] = (float) (0.5 + random.nextDouble());
        }
        return g.add(Node.of(
                "BatchNormalization",
                name,
                List.of(
                        x,
                        g.initializer(name + ".scale", TensorValue.ofFloats(scale, channels)),
                        g.initializer(name + ".bias", weights(random, 0.1, channels)),
                        g.initializer(name + ".mean", weights(random, 0.1, channels)),
                        g.initializer(name + ".var", TensorValue.ofFloats(variance, channels))),
                List.of(g.unique(name + "_out"))));
    }

    static String clip(GraphEditor g, String x) {
        g.initializer("six", TensorValue.scalar(6));
        g.initializer("zero", TensorValue.scalar(0));
        return g.add("Clip", "clip", x, "zero", "six");
    }

    /** A MobileNetV2-like net for images of 28x28: inverted residuals with Clip. */
    static Graph mobile(long seed, int channels) {
        SplittableRandom random = new SplittableRandom(seed);
        GraphEditor g = GraphEditor.create("mobile").input(input(ValueInfo.DYNAMIC, channels, 28, 28));
        String x = clip(g, conv(g, random, "x", channels, 16, 3, 2, 1));
        int in = 16;
        int[][] blocks = {{24, 2}, {24, 1}, {32, 1}, {48, 2}, {48, 1}, {64, 1}};
        for (int[] block : blocks) {
            int hidden = 4 * in;
            String y = clip(g, conv(g, random, x, in, hidden, 1, 1, 1));
            y = clip(g, conv(g, random, y, hidden, hidden, 3, block[1], hidden));
            y = conv(g, random, y, hidden, block[0], 1, 1, 1);
            x = in == block[0] && block[1] == 1 ? g.add("Add", "add", x, y) : y;
            in = block[0];
        }
        x = clip(g, conv(g, random, x, in, 128, 1, 1, 1));
        x = g.add("GlobalAveragePool", "pool", x);
        x = g.add("Flatten", "flat", x);
        g.initializer("fc.weight", weights(random, 0.1, 10, 128));
        g.initializer("fc.bias", weights(random, 0.1, 10));
        String y = g.add(Node.of("Gemm", "fc", List.of(x, "fc.weight", "fc.bias"), List.of("logits"))
                .withInteger("transB", 1));
        return finish(g, y);
    }
}
