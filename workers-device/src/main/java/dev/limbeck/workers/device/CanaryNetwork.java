package dev.limbeck.workers.device;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import dev.limbeck.graph.ValueInfo;
import java.util.List;
import java.util.Random;

/**
 * The small network, always the same, by whose latency a device is known to be well: three convolutions and a matrix product on
 * images of 3 x 32 x 32, in floats, and with 8-bit activations and weights.
 */
final class CanaryNetwork {

    private static final int SIDE = 32;
    private static final int CLASSES = 10;
    private static final int WEIGHTS = 101;
    private static final float SCALE = 0.02f;

    private final GraphEditor editor;
    private final boolean quantized;
    private final Random random = new Random(7);

    private CanaryNetwork(boolean quantized) {
        this.quantized = quantized;
        editor = GraphEditor.create(quantized ? "canary-int8" : "canary-fp32")
                .input(new ValueInfo("image", ElementType.FLOAT, ValueInfo.DYNAMIC, 3, SIDE, SIDE))
                .output(new ValueInfo("logits", ElementType.FLOAT, ValueInfo.DYNAMIC, CLASSES));
        editor.initializer("scale", TensorValue.scalar(SCALE));
        editor.initializer("unsigned", TensorValue.ofBytes(ElementType.UINT8, new byte[1]));
        editor.initializer("signed", TensorValue.ofBytes(ElementType.INT8, new byte[1]));
    }

    static Graph fp32() {
        return new CanaryNetwork(false).build();
    }

    static Graph int8() {
        return new CanaryNetwork(true).build();
    }

    private Graph build() {
        String value = activation("image");
        value = convolution(value, 3, 32, 1);
        value = convolution(value, 32, 64, 2);
        value = convolution(value, 64, 64, 2);
        value = activation(editor.add("GlobalAveragePool", "pool", value));
        value = editor.add("Flatten", "flatten", value);
        editor.add(
                Node.of("MatMul", "classifier", List.of(value, weight("classifier", 64, CLASSES)), List.of("logits")));
        return editor.build();
    }

    private String convolution(String input, int channels, int filters, int stride) {
        String name = editor.unique("convolution");
        String output = editor.add(Node.of(
                        "Conv",
                        name,
                        List.of(input, weight(name, filters, channels, 3, 3)),
                        List.of(editor.unique("convolved")))
                .withIntegers("pads", 1, 1, 1, 1)
                .withIntegers("strides", stride, stride));
        return activation(editor.add("Relu", "relu", output));
    }

    /** In the quantized network, rounded to 8 bits without a sign. */
    private String activation(String value) {
        return quantized
                ? dequantized(editor.add("QuantizeLinear", "q", value, "scale", "unsigned"), "unsigned")
                : value;
    }

    /** Both networks have the same weights; no sum of products of them needs more than 31 bits. */
    private String weight(String layer, long... shape) {
        byte[] integers = new byte[Math.toIntExact(TensorValue.elements(shape))];
        float[] floats = new float[integers.length];
        for (int i = 0; i < integers.length; i++) {
            integers[i] = (byte) (random.nextInt(WEIGHTS) - WEIGHTS / 2);
            floats[i] = SCALE * integers[i];
        }
        String name = layer + "_weight";
        return quantized
                ? dequantized(
                        editor.initializer(name, TensorValue.ofBytes(ElementType.INT8, integers, shape)), "signed")
                : editor.initializer(name, TensorValue.ofFloats(floats, shape));
    }

    private String dequantized(String integers, String zeroPoint) {
        return editor.add("DequantizeLinear", "dq", integers, "scale", zeroPoint);
    }
}
