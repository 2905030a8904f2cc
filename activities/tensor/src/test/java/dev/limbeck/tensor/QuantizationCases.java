package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.TensorValue;
import java.util.Arrays;
import java.util.List;

/** Quantization to 8 bits and back. */
final class QuantizationCases extends CaseFamily {

    @Override
    void define() {
        opsetsFrom(10);
        smooth(false);
        for (ElementType type : List.of(ElementType.UINT8, ElementType.INT8)) {
            add("QuantizeLinear " + type, Nets.normal(2, 2, 3, 4, 5), g -> {
                g.initializer("s", TensorValue.scalar(0.02f));
                g.initializer("z", TensorValue.ofBytes(type, new byte[] {3}));
                return g.add(node("DequantizeLinear", g.add("QuantizeLinear", "q", "x", "s", "z"), "s", "z"));
            });
        }
        add("DequantizeLinear of weights, one scale", dims(2, 2, 4, 4), g -> {
            g.initializer("q", TensorValue.ofBytes(ElementType.UINT8, new byte[] {1, 2, 3, 4, 5, 60}, 3, 2, 1, 1));
            g.initializer("z", TensorValue.ofBytes(ElementType.UINT8, new byte[] {7}));
            return g.add(node("Conv", "x", then(node("DequantizeLinear", "q", number("s", 0.1f), "z"))));
        });
        opsetsFrom(13);
        add("QuantizeLinear per channel", Nets.normal(2, 2, 3, 4, 5), g -> {
            g.initializer("s", TensorValue.ofFloats(new float[] {0.01f, 0.03f, 0.05f}, 3));
            g.initializer("z", TensorValue.ofBytes(ElementType.INT8, new byte[] {0, 5, -7}, 3));
            return g.add(node("DequantizeLinear", g.add("QuantizeLinear", "q", "x", "s", "z"), "s", "z"));
        });
        smooth(true);
        add("DequantizeLinear of weights", dims(2, 2, 4, 4), g -> {
            g.initializer("q", TensorValue.ofBytes(ElementType.INT8, new byte[] {1, -2, 3, 4, 5, -6}, 3, 2, 1, 1));
            g.initializer("s", TensorValue.ofFloats(new float[] {0.1f, 0.2f, 0.3f}, 3));
            g.initializer("z", TensorValue.ofBytes(ElementType.INT8, new byte[3], 3));
            g.initializer("qb", TensorValue.ofInts(new int[] {100, -200, 300}, 3));
            g.initializer("zb", TensorValue.ofInts(new int[3], 3));
            String w = g.add(node("DequantizeLinear", "q", "s", "z")
                    .withInteger("axis", 0)
                    .withOutputs(List.of("w")));
            String b = g.add(node("DequantizeLinear", "qb", "s", "zb")
                    .withName("bias")
                    .withInteger("axis", 0)
                    .withOutputs(List.of("b")));
            return g.add(node("Conv", "x", w, b));
        });
        opsetsFrom(21);
        for (ElementType type : List.of(ElementType.INT4, ElementType.UINT4, ElementType.INT8, ElementType.INT16)) {
            add("DequantizeLinear of blocks of " + type, dims(2, 5, 4, 4), g -> {
                int[] integers = new int[3 * 5 * 2];
                Arrays.setAll(integers, i -> i * 5 % 8);
                g.initializer("q", TensorValue.ofIntegers(type, integers, 3, 5, 2, 1));
                g.initializer("s", Nets.weights(random(), 0.5, 3, 3, 2, 1)); // blocks of 2, 2 and 1
                g.initializer(
                        "z",
                        TensorValue.ofIntegers(
                                type, new int[] {1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 1, 2, 3}, 3, 3, 2, 1));
                String w = g.add(node("DequantizeLinear", "q", "s", "z")
                        .withInteger("axis", 1)
                        .withInteger("block_size", 2)
                        .withOutputs(List.of("w")));
                return g.add(node("Conv", "x", w));
            });
        }
        smooth(false);
        for (ElementType type : List.of(ElementType.INT4, ElementType.UINT4, ElementType.INT16, ElementType.UINT16)) {
            add("QuantizeLinear " + type, Nets.normal(2, 2, 3, 4, 5), g -> {
                g.initializer("s", TensorValue.scalar(0.3f));
                g.initializer("z", TensorValue.ofIntegers(type, new int[] {3}));
                return g.add(node("DequantizeLinear", g.add("QuantizeLinear", "q", "x", "s", "z"), "s", "z"));
            });
        }
        opsetsFrom(9);
        add("Cast to FLOAT16", dims(3, 50), g -> cast(cast("x", ElementType.FLOAT16)));
    }
}
