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
import java.util.Optional;

/**
 * Writes a network with QuantizeLinear and DequantizeLinear nodes, in the patterns that ONNX Runtime fuses into integer kernels.
 *
 * <p>Activations are unsigned unless the target wants a sign: on x86 signed ones leave the fast kernels. A ReLU or Clip that the range of its output covers is left
 * out. HardSigmoid costs nothing: the stored integers of its input are read with another scale. HardSwish is a product of its input
 * with that.
 */
final class QdqWriter {

    private final Graph graph;
    private final QuantizationPlan plan;
    private final Map<String, Encoding> encodings;
    private final Map<String, Encoding> given;
    private final GraphEditor editor;
    private final QdqNodes nodes;
    private final Map<String, String> stored = new HashMap<>();
    private final Map<String, String> dequantized = new HashMap<>();
    private final Map<String, String> rawOutputs = new HashMap<>();

    /** @param encodings of activations, and of weights where those are given; the other weights' are added while writing */
    QdqWriter(Graph graph, QuantizationPlan plan, Map<String, Encoding> encodings) {
        this.graph = graph;
        this.plan = plan;
        this.encodings = encodings;
        this.given = Map.copyOf(encodings);
        this.editor = graph.edit();
        this.nodes = new QdqNodes(editor, plan.options().target().signedActivations());
    }

    Graph write() {
        graph.nodes().forEach(editor::remove);
        graph.inputs().forEach(input -> quantize(input.name(), input.name()));
        Map<String, Node> clamps = new HashMap<>();
        for (Node node : graph.nodes()) {
            coveredClamp(node).ifPresent(clamp -> clamps.put(clamp.output(0), node));
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
            case FLOAT -> inputs.addAll(floatInputs(node));
            case TRANSPARENT, HARD_ACTIVATION, CLAMP ->
                node.inputs().forEach(input -> inputs.add(dequantized.getOrDefault(input, input)));
        }
        String output = coveredClamp(node).map(clamp -> clamp.output(0)).orElse(node.output(0));
        Node written = node.withInputs(inputs);
        if (plan.kind(node) == OperatorKind.CLAMP && isBetweenIntegers(node)) {
            written = rectifier(node.name(), inputs.getFirst(), node.outputs());
        }
        rawOutputs.put(node.output(0), addQuantized(written, output));
    }

    /** The ReLU or Clip after a node that the grid of its output makes superfluous. */
    private Optional<Node> coveredClamp(Node node) {
        return plan.clampAfter(node).filter(clamp -> {
            Encoding grid = encodings.get(clamp.output(0));
            return !grid.format().isFloat() && grid.zeroPoint()[0] == grid.lowest() && boundsAbove(clamp, grid);
        });
    }

    /** Whether all values beyond the upper bound of a ReLU or Clip are stored as the bound is. */
    private boolean boundsAbove(Node clamp, Encoding grid) {
        double bound = OperatorKind.upperBound(graph, clamp).orElse(Float.POSITIVE_INFINITY);
        return grid.max(0) < bound + 0.5 * grid.scale()[0];
    }

    private boolean isBetweenIntegers(Node node) {
        Encoding input = encodings.get(node.input(0));
        Encoding output = encodings.get(node.output(0));
        return plan.quantized().contains(node.input(0))
                && plan.quantized().contains(node.output(0))
                && !input.format().isFloat()
                && !output.format().isFloat()
                && boundsAbove(node, output);
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
        String integers = nodes.quantize(tensor, name, encoding);
        stored.put(name, integers);
        boolean isOutput = graph.outputs().stream().anyMatch(o -> o.name().equals(name));
        dequantized.put(
                name,
                isOutput
                        ? nodes.dequantize(integers, name, encoding, name)
                        : nodes.dequantize(integers, name, encoding, editor.unique(name + "_dequantized")));
    }

    /** The grid of a hard sigmoid starts at 0; a hard swish is its input times that, bounded by 1. */
    private void writeHardActivation(Node node) {
        String input = node.input(0);
        Encoding encoding = encodings.get(input);
        Encoding gate = ActivationEncodings.gate(node, encoding);
        String output = node.output(0);
        String opened = nodes.dequantize(stored.get(input), output, gate, editor.unique(output + "_gate"));
        if (node.op().equals("HardSigmoid")) {
            dequantized.put(output, opened);
            return;
        }
        if (gate.max(0) > 1) {
            // A grid that ends at 1 saturates there. Some node must stand between two grids; on values that are never
            // negative
            // LeakyRelu does nothing, and its integer kernel is a table look-up.
            Encoding bounded = Encoding.of(new ValueRange(0, 1), encoding.format());
            String name = output + "_bounded";
            String same = editor.unique(name);
            editor.add(
                    Node.of("LeakyRelu", same, List.of(opened), List.of(same)).withNumber("alpha", 0));
            opened = nodes.dequantize(
                    nodes.quantize(same, name, bounded), name, bounded, editor.unique(name + "_dequantized"));
        }
        Node product = Node.of("Mul", node.name(), List.of(dequantized.get(input), opened), List.of(output));
        addQuantized(product, output);
    }

    private String arithmeticInput(Node node, String input) {
        TensorValue constant = graph.initializers().get(input);
        if (constant == null || constant.type() != ElementType.FLOAT || input.isEmpty()) {
            return dequantized.getOrDefault(input, input);
        }
        if (!given.containsKey(input) && !plan.quantizesConstants(node)) {
            return input;
        }
        // a constant's range may be far below 0.01, and is known exactly
        Encoding encoding = given.containsKey(input)
                ? given.get(input)
                : WeightQuantizer.encodeWhole(constant, plan.constantFormat(node));
        if (!encoding.format().isQuantized()) {
            return input;
        }
        encodings.put(input, encoding);
        return nodes.constant(input, constant, encoding, nodes.storage(encoding));
    }

    /** Inputs of an operator without a common integer kernel, whose constants a target may want quantized all the same. */
    private List<String> floatInputs(Node node) {
        List<String> inputs = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
            String input = node.input(i);
            Optional<String> role = OperatorKind.parameterRole(node, i);
            TensorValue constant = graph.initializers().get(input);
            if (constant == null || constant.type() != ElementType.FLOAT) {
                inputs.add(dequantized.getOrDefault(input, input));
            } else if (role.isPresent() && (given.containsKey(input) || plan.quantizesConstants(node))) {
                inputs.add(parameter(node, input, constant, role.get()));
            } else if (OperatorKind.readsConstantsAsActivations(node)) {
                inputs.add(arithmeticInput(node, input));
            } else {
                inputs.add(input);
            }
        }
        return inputs;
    }

    private String parameter(Node node, String name, TensorValue value, String role) {
        Encoding encoding = given.get(name);
        if (encoding == null) {
            QuantizeOptions options = plan.options(node, name, role);
            boolean channels = OperatorKind.hasOutputChannels(node) && options.granularity() != Granularity.PER_TENSOR;
            encoding = WeightQuantizer.encode(
                    value,
                    OperatorKind.outputAxis(node),
                    null,
                    1,
                    options.toBuilder()
                            .granularity(channels ? Granularity.PER_CHANNEL : Granularity.PER_TENSOR)
                            .build());
        }
        if (!encoding.format().isQuantized()) {
            return name;
        }
        encodings.put(name, encoding);
        boolean packed = plan.options().packWeights();
        return nodes.constant(name, value, encoding, StorageType.ofWeight(encoding.format(), packed));
    }

    private List<String> weightedInputs(Node node) {
        List<String> inputs = new ArrayList<>(node.inputs());
        inputs.set(0, dequantized.getOrDefault(node.input(0), node.input(0)));
        Encoding input = encodings.get(node.input(0));
        boolean integers = input != null && !input.format().isFloat();
        TensorValue weight = graph.initializers().get(node.input(1));
        float[] bias =
                node.hasInput(2) ? graph.initializers().get(node.input(2)).floats() : null;
        Encoding encoding = given.get(node.input(1));
        if (encoding == null) {
            encoding = WeightQuantizer.encode(
                    weight,
                    OperatorKind.outputAxis(node),
                    integers ? bias : null,
                    integers ? input.scale()[0] : 1,
                    plan.weightOptions(node));
        }
        if (!encoding.format().isQuantized()) {
            return inputs;
        }
        encodings.put(node.input(1), encoding);
        inputs.set(
                1,
                nodes.constant(
                        node.input(1),
                        weight,
                        encoding,
                        StorageType.ofWeight(encoding.format(), plan.options().packWeights())));
        if (bias != null && integers && !encoding.format().isFloat() && !encoding.blockwise()) {
            float[] scale = WeightQuantizer.biasScale(encoding, input.scale()[0]);
            inputs.set(2, nodes.bias(node.input(2), bias, scale, encoding.perChannel()));
        }
        return inputs;
    }
}
