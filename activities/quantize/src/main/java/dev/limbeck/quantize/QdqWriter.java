package dev.limbeck.quantize;

import dev.limbeck.graph.ElementType;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a network with QuantizeLinear and DequantizeLinear nodes, in the patterns that ONNX Runtime fuses into integer kernels.
 *
 * <p>Activations are uint8: on x86 signed ones leave the fast kernels. A ReLU or Clip that the range of its output covers is left
 * out. HardSigmoid costs nothing: the stored integers of its input are read with another scale. HardSwish is a product of its input
 * with that.
 */
final class QdqWriter {

    private final Graph graph;
    private final QuantizationPlan plan;
    private final Map<String, Encoding> encodings;
    private final QuantizeOptions options;
    private final GraphEditor editor;
    private final Map<String, String> stored = new HashMap<>();
    private final Map<String, String> dequantized = new HashMap<>();
    private final Map<String, String> rawOutputs = new HashMap<>();

    /** Encodings of activations; those of weights are added while writing. */
    QdqWriter(Graph graph, QuantizationPlan plan, Map<String, Encoding> encodings, QuantizeOptions options) {
        this.graph = graph;
        this.plan = plan;
        this.encodings = encodings;
        this.options = options;
        this.editor = graph.edit();
    }

    Graph write() {
        graph.nodes().forEach(editor::remove);
        graph.inputs().forEach(input -> quantize(input.name(), input.name()));
        Map<String, Node> clamps = new HashMap<>();
        for (Node node : graph.nodes()) {
            plan.clampAfter(node).ifPresent(clamp -> clamps.put(clamp.output(0), node));
        }
        for (Node node : graph.nodes()) {
            if (!clamps.containsKey(node.output(0))) {
                write(node);
            }
        }
        return editor.build();
    }

    private void write(Node node) {
        if (plan.isGated(node)) {
            writeHardActivation(node);
            return;
        }
        List<String> inputs = new ArrayList<>();
        switch (plan.kind(node)) {
            case WEIGHTED -> inputs.addAll(weightedInputs(node));
            case ARITHMETIC -> node.inputs().forEach(input -> inputs.add(arithmeticInput(node, input)));
            case TRANSPARENT, HARD_ACTIVATION, CLAMP, FLOAT ->
                node.inputs().forEach(input -> inputs.add(dequantized.getOrDefault(input, input)));
        }
        String output = plan.clampAfter(node).map(clamp -> clamp.output(0)).orElse(node.output(0));
        Node written = node.withInputs(inputs);
        if (plan.kind(node) == OperatorKind.CLAMP && isBetweenIntegers(node)) {
            written = rectifier(node.name(), inputs.getFirst(), node.outputs());
        }
        rawOutputs.put(node.output(0), addQuantized(written, output));
    }

    private boolean isBetweenIntegers(Node node) {
        return plan.quantized().contains(node.input(0)) && plan.quantized().contains(node.output(0));
    }

    /** A ReLU between two grids, as LeakyRelu of slope 0: that has an integer kernel, a table look-up; the output's grid bounds it. */
    private static Node rectifier(String name, String input, List<String> outputs) {
        return Node.of("LeakyRelu", name, List.of(input), outputs).withNumber("alpha", 0);
    }

    /** In the graph written: what a node makes before that is quantized. */
    String rawOutput(Node node) {
        return rawOutputs.get(node.output(0));
    }

    /** Adds a node whose first output is the float tensor {@code output}, quantized if the plan says so; @return that output */
    private String addQuantized(Node node, String output) {
        if (!plan.quantized().contains(output)) {
            return editor.add(node);
        }
        List<String> outputs = new ArrayList<>(node.outputs());
        outputs.set(0, editor.unique(output + "_float"));
        editor.add(node.withOutputs(outputs));
        quantize(outputs.getFirst(), output);
        return outputs.getFirst();
    }

    /** Adds a quantize and a dequantize node after {@code tensor}, if the float tensor {@code name} is quantized. */
    private void quantize(String tensor, String name) {
        if (!plan.quantized().contains(name)) {
            return;
        }
        Encoding encoding = encodings.get(name);
        String integers = quantizeNode(tensor, name, encoding);
        stored.put(name, integers);
        boolean isOutput = graph.outputs().stream().anyMatch(o -> o.name().equals(name));
        dequantized.put(
                name,
                isOutput
                        ? dequantizeNode(integers, name, encoding, name)
                        : dequantizeNode(integers, name, encoding, editor.unique(name + "_dequantized")));
    }

    /** The grid of a hard sigmoid starts at 0; a hard swish is its input times that, bounded by 1. */
    private void writeHardActivation(Node node) {
        String input = node.input(0);
        Encoding encoding = encodings.get(input);
        Encoding gate = ActivationEncodings.gate(node, encoding);
        String output = node.output(0);
        String opened = dequantizeNode(stored.get(input), output, gate, editor.unique(output + "_gate"));
        if (node.op().equals("HardSigmoid")) {
            dequantized.put(output, opened);
            return;
        }
        if (gate.max(0) > 1) {
            // A grid that ends at 1 saturates there. Some node must stand between two grids; on values that are never
            // negative
            // LeakyRelu does nothing, and its integer kernel is a table look-up.
            Encoding bounded = Encoding.asymmetric(new ValueRange(0, 1), QuantizeOptions.BITS);
            String name = output + "_bounded";
            String same = editor.unique(name);
            editor.add(
                    Node.of("LeakyRelu", same, List.of(opened), List.of(same)).withNumber("alpha", 0));
            opened = dequantizeNode(
                    quantizeNode(same, name, bounded), name, bounded, editor.unique(name + "_dequantized"));
        }
        Node product = Node.of("Mul", node.name(), List.of(dequantized.get(input), opened), List.of(output));
        addQuantized(product, output);
    }

    private String arithmeticInput(Node node, String input) {
        TensorValue constant = graph.initializers().get(input);
        if (constant == null || input.isEmpty()) {
            return dequantized.getOrDefault(input, input);
        }
        float min = 0;
        float max = 0;
        for (float value : constant.floats()) {
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        // a constant's range may be far below 0.01, and is known exactly
        double steps = (1 << QuantizeOptions.BITS) - 1;
        float scale = max - min < Float.MIN_NORMAL ? 1 : (float) ((max - min) / steps);
        Encoding encoding = Encoding.perTensor(scale, (int) Math.rint(-min / scale), QuantizeOptions.BITS);
        encodings.put(input, encoding);
        return constant(node.output(0) + "_" + input, WeightQuantizer.quantize(constant, encoding), encoding);
    }

    private List<String> weightedInputs(Node node) {
        float inputScale = encodings.get(node.input(0)).scale()[0];
        TensorValue weight = graph.initializers().get(node.input(1));
        float[] bias =
                node.hasInput(2) ? graph.initializers().get(node.input(2)).floats() : null;
        Encoding encoding = WeightQuantizer.encode(
                weight, OperatorKind.outputAxis(node), bias, inputScale, options.perChannel(), options.weightBits());
        encodings.put(node.input(1), encoding);
        List<String> inputs = new ArrayList<>();
        inputs.add(dequantized.get(node.input(0)));
        inputs.add(constant(node.output(0) + "_weight", WeightQuantizer.quantize(weight, encoding), encoding));
        if (bias != null) {
            float[] scale = WeightQuantizer.biasScale(encoding, inputScale);
            int axis = encoding.perChannel() ? 0 : Encoding.PER_TENSOR;
            TensorValue integers = WeightQuantizer.quantizeBias(bias, scale);
            Encoding grid = new Encoding(scale, new int[scale.length], Integer.SIZE, true, axis);
            inputs.add(constant(node.output(0) + "_bias", integers, grid));
        }
        return inputs;
    }

    /** Adds stored integers and the node that dequantizes them. */
    private String constant(String name, TensorValue integers, Encoding encoding) {
        String initializer = editor.initializer(editor.unique(name + "_quantized"), integers);
        return dequantizeNode(initializer, name, encoding, editor.unique(name + "_dequantized"));
    }

    private String quantizeNode(String tensor, String name, Encoding encoding) {
        String output = editor.unique(name + "_quantized");
        return editor.add(Node.of(
                "QuantizeLinear",
                output,
                List.of(tensor, scale(output, encoding), zeroPoint(output, encoding)),
                List.of(output)));
    }

    private String dequantizeNode(String integers, String name, Encoding encoding, String output) {
        String node = editor.unique(name + "_dequantize");
        List<String> inputs = new ArrayList<>(List.of(integers, scale(node, encoding)));
        if (encoding.bits() != Integer.SIZE) { // int32 has no zero point in ONNX
            inputs.add(zeroPoint(node, encoding));
        }
        Node dequantize = Node.of("DequantizeLinear", node, inputs, List.of(output));
        return editor.add(encoding.perChannel() ? dequantize.withInteger("axis", encoding.axis()) : dequantize);
    }

    private String scale(String name, Encoding encoding) {
        long[] shape = encoding.perChannel() ? new long[] {encoding.scale().length} : new long[0];
        return editor.initializer(editor.unique(name + "_scale"), TensorValue.ofFloats(encoding.scale(), shape));
    }

    private String zeroPoint(String name, Encoding encoding) {
        int[] zeroPoint = encoding.zeroPoint();
        float[] values = new float[zeroPoint.length];
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) zeroPoint[i];
        }
        long[] shape = encoding.perChannel() ? new long[] {bytes.length} : new long[0];
        ElementType type = encoding.symmetric() ? ElementType.INT8 : ElementType.UINT8;
        return editor.initializer(editor.unique(name + "_zero_point"), TensorValue.ofBytes(type, bytes, shape));
    }
}
