package dev.limbeck.graph;

import java.util.Map;

/** Rules of quantizing operators, and of the integer kernels that ONNX Runtime puts in their place. */
final class QuantizedRules {

    private QuantizedRules() {}

    static void addTo(Map<String, ShapeRule> rules) {
        rules.put("QuantizeLinear", QuantizedRules::quantize);
        rules.put("DequantizeLinear", QuantizedRules::dequantize);
        rules.put("com.microsoft.QuantizeLinear", QuantizedRules::quantize);
        rules.put("com.microsoft.DequantizeLinear", QuantizedRules::dequantize);
        rules.put("DynamicQuantizeLinear", QuantizedRules::dynamicQuantize);
        rules.put("com.microsoft.QLinearAdd", op -> binary(op, 3));
        rules.put("com.microsoft.QLinearMul", op -> binary(op, 3));
        rules.put("com.microsoft.QLinearSigmoid", op -> op.output(0, op.type(0), op.shape(0)));
        rules.put("com.microsoft.QLinearLeakyRelu", op -> op.output(0, op.type(0), op.shape(0)));
        rules.put("com.microsoft.QLinearSoftmax", op -> op.output(0, op.type(0), op.shape(0)));
        rules.put("com.microsoft.QLinearConcat", QuantizedRules::concat);
    }

    private static void quantize(OpContext op) {
        ElementType type = ElementType.UINT8;
        if (op.has(2)) {
            type = op.type(2);
        } else if (op.node().integer("output_dtype", 0) != 0) {
            type = ElementType.ofCode((int) op.node().integer("output_dtype", 0));
        }
        op.output(0, type, op.shape(0));
    }

    private static void dequantize(OpContext op) {
        op.output(0, op.type(1), op.shape(0));
    }

    private static void dynamicQuantize(OpContext op) {
        op.output(0, ElementType.UINT8, op.shape(0));
        op.output(1, ElementType.FLOAT);
        op.output(2, ElementType.UINT8);
    }

    private static void binary(OpContext op, int second) {
        op.output(0, op.type(0), ElementwiseRules.broadcast(op, op.shape(0), op.shape(second)));
    }

    // Inputs: output scale, output zero point, then (tensor, scale, zero point) for each part.
    private static void concat(OpContext op) {
        long[] out = op.shape(2);
        int axis = op.axis(op.node().integer("axis", 0), out.length);
        for (int i = 5; i < op.inputs(); i += 3) {
            out[axis] = Math.addExact(out[axis], op.shape(i)[axis]);
        }
        op.output(0, op.type(2), out);
    }
}
