package dev.limbeck.graph;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What a network costs on paper.
 *
 * @param macs multiply-accumulates of convolutions and matrix products for one item
 * @param parameters elements of weights, without running statistics of batch normalizations
 */
public record Cost(long macs, long parameters) {

    private static final Set<String> SCALES = Set.of("QuantizeLinear", "DequantizeLinear");

    /** For a batch of 1. */
    public static Cost of(Graph graph) {
        Map<String, ValueInfo> shapes = ShapeInference.infer(graph, 1);
        long macs =
                macs(graph, shapes).values().stream().mapToLong(Long::longValue).sum();
        return new Cost(macs, parameters(graph));
    }

    /**
     * Multiply-accumulates of each node that has any, by its label, in topological order.
     *
     * @param shapes of all tensors, by {@link ShapeInference}
     */
    public static Map<String, Long> macs(Graph graph, Map<String, ValueInfo> shapes) {
        Map<String, Long> macs = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            long own = macs(node, shapes);
            if (own > 0) {
                macs.merge(node.label(), own, Long::sum);
            }
        }
        return macs;
    }

    private static long macs(Node node, Map<String, ValueInfo> shapes) {
        return switch (node.op()) {
            // every output element: weight [out, in / groups, kernel...] without its first dimension
            case "Conv" -> elements(node.output(0), shapes) * weightElements(node, 1, 1, shapes);
            // every input element: weight [in, out / groups, kernel...] without its first dimension
            case "ConvTranspose" -> elements(node.input(0), shapes) * weightElements(node, 1, 1, shapes);
            case "Gemm" -> {
                long[] a = shapes.get(node.input(0)).shape();
                yield elements(node.output(0), shapes) * (node.integer("transA", 0) == 1 ? a[0] : a[1]);
            }
            case "MatMul" -> {
                long[] a = shapes.get(node.input(0)).shape();
                yield elements(node.output(0), shapes) * a[a.length - 1];
            }
            default -> 0;
        };
    }

    private static long weightElements(Node node, int input, int from, Map<String, ValueInfo> shapes) {
        long[] shape = shapes.get(node.input(input)).shape();
        return TensorValue.elements(Arrays.copyOfRange(shape, from, shape.length));
    }

    private static long elements(String tensor, Map<String, ValueInfo> shapes) {
        return TensorValue.elements(shapes.get(tensor).shape());
    }

    private static long parameters(Graph graph) {
        Map<String, Boolean> counted = new HashMap<>();
        for (Node node : graph.nodes()) {
            for (int i = 0; i < node.inputs().size(); i++) {
                boolean statistic = node.op().equals("BatchNormalization") && i >= 3;
                boolean scale = SCALES.contains(node.op()) && i >= 1;
                counted.merge(node.input(i), !statistic && !scale, Boolean::logicalOr);
            }
        }
        return graph.initializers().entrySet().stream()
                .filter(entry -> counted.getOrDefault(entry.getKey(), false))
                .filter(entry -> isWeight(entry.getValue()))
                .mapToLong(entry -> entry.getValue().size())
                .sum();
    }

    /** Shapes, axes and bounds are no parameters. */
    private static boolean isWeight(TensorValue value) {
        return switch (value.type()) {
            case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> value.shape().length > 0;
            case INT8, UINT8, INT4, UINT4, INT32 -> value.shape().length > 0;
            default -> false;
        };
    }
}
