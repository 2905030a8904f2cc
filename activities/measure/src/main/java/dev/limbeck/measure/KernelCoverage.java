package dev.limbeck.measure;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.Node;
import dev.limbeck.runtime.OptimizedGraph;
import dev.limbeck.runtime.SessionOptions;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which nodes of an optimized graph run integer kernels.
 *
 * @param integerNodes labels of the nodes that compute on integers
 * @param floatNodes labels of the convolutions and matrix products that still compute on floats
 * @param integerConvolutions convolutions in integer kernels
 * @param floatConvolutions convolutions in float kernels
 * @param integerMatrixProducts Gemm and MatMul in integer kernels
 * @param floatMatrixProducts Gemm and MatMul in float kernels
 * @param quantizeNodes QuantizeLinear that are left: each is a pass over a tensor that no kernel has taken in
 * @param dequantizeNodes DequantizeLinear that are left, those of constants not among them
 * @param operators how often each operator occurs
 */
public record KernelCoverage(
        List<String> integerNodes,
        List<String> floatNodes,
        int integerConvolutions,
        int floatConvolutions,
        int integerMatrixProducts,
        int floatMatrixProducts,
        int quantizeNodes,
        int dequantizeNodes,
        Map<String, Integer> operators) {

    private static final Set<String> INTEGER_CONVOLUTIONS = Set.of("QLinearConv", "ConvInteger");
    private static final Set<String> FLOAT_CONVOLUTIONS = Set.of("Conv", "FusedConv", "NhwcFusedConv", "ConvTranspose");
    private static final Set<String> INTEGER_MATRIX_PRODUCTS = Set.of(
            "QGemm", "QLinearMatMul", "MatMulInteger", "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "QAttention");
    private static final Set<String> FLOAT_MATRIX_PRODUCTS =
            Set.of("Gemm", "MatMul", "FusedGemm", "FusedMatMul", "MatMulNBits", "Attention");

    public KernelCoverage {
        integerNodes = List.copyOf(integerNodes);
        floatNodes = List.copyOf(floatNodes);
        operators = Collections.unmodifiableMap(new TreeMap<>(operators));
    }

    /** @param optimized as {@link OptimizedGraph} gives it */
    public static KernelCoverage of(Graph optimized) {
        List<Node> nodes = optimized.nodes();
        Map<String, Integer> operators = new TreeMap<>();
        nodes.forEach(node -> operators.merge(plainOp(node), 1, Integer::sum));
        return new KernelCoverage(
                nodes.stream()
                        .filter(KernelCoverage::isInteger)
                        .map(Node::label)
                        .toList(),
                nodes.stream()
                        .filter(node -> FLOAT_CONVOLUTIONS.contains(plainOp(node))
                                || FLOAT_MATRIX_PRODUCTS.contains(plainOp(node)))
                        .map(Node::label)
                        .toList(),
                count(operators, INTEGER_CONVOLUTIONS),
                count(operators, FLOAT_CONVOLUTIONS),
                count(operators, INTEGER_MATRIX_PRODUCTS),
                count(operators, FLOAT_MATRIX_PRODUCTS),
                operators.getOrDefault("QuantizeLinear", 0),
                (int) nodes.stream()
                        .filter(node -> plainOp(node).equals("DequantizeLinear"))
                        .filter(node -> optimized.initializer(node.input(0)).isEmpty())
                        .count(),
                operators);
    }

    /** Optimizes the graph for this machine and looks at the result. */
    public static KernelCoverage of(Graph graph, SessionOptions options) {
        return of(OptimizedGraph.of(graph, options));
    }

    /** Integer convolutions over all convolutions; 1 where there are none at all. */
    public double convolutionShare() {
        return share(integerConvolutions, floatConvolutions);
    }

    /** Integer convolutions and matrix products over all of them; 1 where there are none at all. */
    public double share() {
        return share(integerConvolutions + integerMatrixProducts, floatConvolutions + floatMatrixProducts);
    }

    private static double share(int integer, int other) {
        return integer + other == 0 ? 1 : (double) integer / (integer + other);
    }

    private static boolean isInteger(Node node) {
        String op = plainOp(node);
        return op.startsWith("QLinear") || INTEGER_CONVOLUTIONS.contains(op) || INTEGER_MATRIX_PRODUCTS.contains(op);
    }

    private static int count(Map<String, Integer> operators, Set<String> wanted) {
        return wanted.stream().mapToInt(op -> operators.getOrDefault(op, 0)).sum();
    }

    /** The operator without its domain: the runtime's own versions count as much as ONNX's. */
    private static String plainOp(Node node) {
        return node.proto().getOpType();
    }
}
