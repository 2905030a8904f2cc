package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a network or a node costs.
 *
 * @param macs multiply-accumulate operations of convolutions, matrix products and recurrent layers for one image; biases, activations and
 *     normalizations count nothing, as in the literature on efficient networks
 * @param parameters elements of float constants and of constants that are dequantized; without scalars, the running statistics of
 *     batch norms, the scales and zero points of quantizers, and the sizes and pads of Resize and Pad. A constant that several
 *     nodes share counts once, at the first
 */
public record Cost(long macs, long parameters) {

    public static final Cost NONE = new Cost(0, 0);

    /** Positions at which an operator reads no parameter though it reads a constant; other operators: none. */
    private static final Map<String, Set<Integer>> NOT_PARAMETERS = Map.ofEntries(
            Map.entry("BatchNormalization", Set.of(3, 4)),
            Map.entry("QuantizeLinear", Set.of(1, 2)),
            Map.entry("DequantizeLinear", Set.of(1, 2)),
            Map.entry("com.microsoft.QuantizeLinear", Set.of(1, 2)),
            Map.entry("com.microsoft.DequantizeLinear", Set.of(1, 2)),
            Map.entry("Clip", Set.of(1, 2)),
            Map.entry("Resize", Set.of(1, 2, 3)),
            Map.entry("Upsample", Set.of(1)),
            Map.entry("Pad", Set.of(1, 2)),
            Map.entry("Dropout", Set.of(1, 2)),
            Map.entry("QLinearConv", Set.of(1, 4, 6)),
            Map.entry("QLinearMatMul", Set.of(1, 4, 6)),
            Map.entry("com.microsoft.QGemm", Set.of(1, 4, 7)),
            Map.entry("com.microsoft.MatMulNBits", Set.of(2, 3)),
            Map.entry("com.microsoft.QLinearAdd", Set.of(1, 4, 6)),
            Map.entry("com.microsoft.QLinearMul", Set.of(1, 4, 6)));

    /** Positions at which an operator reads integers that are parameters all the same. */
    private static final Map<String, Set<Integer>> INTEGER_PARAMETERS = Map.of(
            "DequantizeLinear", Set.of(0),
            "com.microsoft.DequantizeLinear", Set.of(0),
            "QLinearConv", Set.of(3, 8),
            "QLinearMatMul", Set.of(3),
            "com.microsoft.QGemm", Set.of(3, 6),
            "ConvInteger", Set.of(1),
            "MatMulInteger", Set.of(1),
            "com.microsoft.MatMulIntegerToFloat", Set.of(1),
            "com.microsoft.MatMulNBits", Set.of(1),
            "com.microsoft.DynamicQuantizeMatMul", Set.of(1));

    /** One node's share. */
    public record OfNode(Node node, Cost cost) {}

    /**
     * The whole network, for batch 1.
     *
     * @throws BadInputException if a dimension of an input other than the batch is dynamic, or an operator is not known
     */
    public static Cost of(Graph graph) {
        return perNode(graph).stream().map(OfNode::cost).reduce(NONE, Cost::plus);
    }

    /** Every node's share, for batch 1, in topological order. */
    public static List<OfNode> perNode(Graph graph) {
        return perNode(graph, ShapeInference.infer(graph, 1));
    }

    /** Every node's share for the given complete shapes. */
    public static List<OfNode> perNode(Graph graph, Map<String, ValueInfo> shapes) {
        Set<String> counted = new HashSet<>();
        List<OfNode> costs = new ArrayList<>();
        for (Node node : graph.nodes()) {
            costs.add(new OfNode(node, new Cost(macs(node, shapes), parameters(node, graph, counted))));
        }
        return costs;
    }

    public Cost plus(Cost other) {
        return new Cost(Math.addExact(macs, other.macs), Math.addExact(parameters, other.parameters));
    }

    private static long macs(Node node, Map<String, ValueInfo> shapes) {
        return switch (node.op()) {
            case "Conv", "ConvInteger", "com.microsoft.FusedConv" -> convolution(node, 1, shapes);
            case "QLinearConv" -> convolution(node, 3, shapes);
            case "ConvTranspose" -> {
                // weight: [in, out / groups, kernel...]; every input element is multiplied by its channel's weights
                long[] weight = shapes.get(node.input(1)).shape();
                yield product(elements(node.input(0), shapes), TensorValue.elements(weight) / weight[0]);
            }
            case "Gemm", "com.microsoft.FusedGemm", "com.microsoft.QGemm" -> {
                long[] left = shapes.get(node.input(0)).shape();
                yield product(elements(node.output(0), shapes), left[node.integer("transA", 0) != 0 ? 0 : 1]);
            }
            case "MatMul",
                    "MatMulInteger",
                    "QLinearMatMul",
                    "com.microsoft.FusedMatMul",
                    "com.microsoft.MatMulIntegerToFloat",
                    "com.microsoft.DynamicQuantizeMatMul" -> {
                long[] left = shapes.get(node.input(0)).shape();
                boolean transposed = node.integer("transA", 0) != 0;
                yield product(elements(node.output(0), shapes), left[left.length - (transposed ? 2 : 1)]);
            }
            case "com.microsoft.MatMulNBits" -> product(elements(node.output(0), shapes), node.integer("K", 0));
            case "LSTM", "GRU", "RNN" -> {
                // [steps, batch, inputs] or [batch, steps, inputs]; each step multiplies by both weights of every
                // direction
                long[] in = shapes.get(node.input(0)).shape();
                yield product(product(in[0], in[1]), elements(node.input(1), shapes) + elements(node.input(2), shapes));
            }
            default -> 0;
        };
    }

    private static long convolution(Node node, int weightInput, Map<String, ValueInfo> shapes) {
        long[] weight = shapes.get(node.input(weightInput)).shape(); // [out, in / groups, kernel...]
        long perOutput = TensorValue.elements(Arrays.copyOfRange(weight, 1, weight.length));
        return product(elements(node.output(0), shapes), perOutput);
    }

    private static long elements(String tensor, Map<String, ValueInfo> shapes) {
        return TensorValue.elements(shapes.get(tensor).shape());
    }

    private static long product(long a, long b) {
        return Math.multiplyExact(a, b);
    }

    private static long parameters(Node node, Graph graph, Set<String> counted) {
        long parameters = 0;
        Set<Integer> never = NOT_PARAMETERS.getOrDefault(node.op(), Set.of());
        Set<Integer> integers = INTEGER_PARAMETERS.getOrDefault(node.op(), Set.of());
        for (int i = 0; i < node.inputs().size(); i++) {
            TensorValue value = graph.initializers().get(node.input(i));
            if (value == null || value.shape().length == 0 || never.contains(i)) {
                continue;
            }
            boolean number =
                    switch (value.type()) {
                        case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> true;
                        case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64, INT4, UINT4 ->
                            integers.contains(i);
                        case BOOL, STRING, OTHER -> false;
                    };
            if (number && counted.add(node.input(i))) {
                parameters = Math.addExact(parameters, elements(node, value));
            }
        }
        return parameters;
    }

    private static long elements(Node node, TensorValue constant) {
        // several weights a byte, and blocks filled up
        boolean packed = node.op().equals("com.microsoft.MatMulNBits") && constant.type() == ElementType.UINT8;
        return packed ? product(node.integer("K", 0), node.integer("N", 0)) : constant.size();
    }
}
