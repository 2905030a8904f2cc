package dev.limbeck.tensor;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.TensorValue;
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
    }
}
