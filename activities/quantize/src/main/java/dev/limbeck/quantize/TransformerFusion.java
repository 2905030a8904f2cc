package dev.limbeck.quantize;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.List;
import java.util.Optional;

/**
 * Writes layer normalisation and Gelu as one node each where an exporter spelled them out, so that what lies between, such as a
 * variance or the square root of it, is not quantized. The function stays the same.
 */
final class TransformerFusion {

    private static final int LAYER_NORMALIZATION_OPSET = 17;
    private static final int GELU_OPSET = 20;
    private static final double TOLERANCE = 1e-3;

    private final Graph graph;
    private final GraphEditor editor;

    private TransformerFusion(Graph graph) {
        this.graph = graph;
        this.editor = graph.edit();
    }

    static Graph fuse(Graph graph) {
        TransformerFusion fusion = new TransformerFusion(graph);
        for (Node node : graph.nodes()) {
            switch (node.op()) {
                case "Add" -> fusion.layerNormalization(node);
                case "Mul" -> fusion.gelu(node);
                default -> {}
            }
        }
        return fusion.editor.build();
    }

    /** d / sqrt(mean(d^2) + epsilon) * scale + shift with d = x - mean(x), all along the last dimension. */
    private void layerNormalization(Node sum) {
        Optional<String> shift = constantOf(sum);
        Optional<Node> product = other(sum, shift).flatMap(t -> inner(t, "Mul"));
        Optional<String> scale = product.flatMap(this::constantOf);
        Optional<Node> quotient = product.flatMap(p -> other(p, scale)).flatMap(t -> inner(t, "Div"));
        Optional<Node> root = quotient.flatMap(q -> inner(q.input(1), "Sqrt"));
        Optional<Node> shifted = root.flatMap(r -> inner(r.input(0), "Add"));
        Optional<String> epsilon = shifted.flatMap(this::constantOf).filter(name -> isScalar(name));
        Optional<Node> variance = shifted.flatMap(s -> other(s, epsilon))
                .flatMap(t -> inner(t, "ReduceMean"))
                .filter(this::isAlongTheLast);
        Optional<Node> power = variance.flatMap(v -> inner(v.input(0), "Pow")).filter(p -> isScalar(p.input(1), 2));
        if (power.isEmpty() || !isVector(scale.get()) || !isVector(shift.get())) {
            return;
        }
        Optional<Node> difference = difference(quotient.get().input(0));
        Optional<Node> squared = difference(power.get().input(0));
        if (difference.isEmpty()
                || squared.isEmpty()
                || !difference.get().input(0).equals(squared.get().input(0))) {
            return;
        }
        editor.requireOpset(LAYER_NORMALIZATION_OPSET);
        float smallest = graph.initializers().get(epsilon.get()).scalarFloat();
        List<String> inputs = List.of(difference.get().input(0), scale.get(), shift.get());
        editor.replace(
                sum,
                Node.of("LayerNormalization", sum.name(), inputs, sum.outputs())
                        .withInteger("axis", -1)
                        .withNumber("epsilon", smallest));
    }

    /** What subtracts from a tensor its mean along the last dimension. */
    private Optional<Node> difference(String tensor) {
        return graph.producer(tensor).filter(node -> node.op().equals("Sub")).filter(node -> graph.producer(
                        node.input(1))
                .filter(mean ->
                        mean.op().equals("ReduceMean") && mean.input(0).equals(node.input(0)) && isAlongTheLast(mean))
                .isPresent());
    }

    private boolean isAlongTheLast(Node mean) {
        long[] axes = mean.hasInput(1)
                ? graph.initializer(mean.input(1)).map(TensorValue::longs).orElse(new long[0])
                : mean.integers("axes");
        return axes.length == 1 && axes[0] == -1 && mean.integer("keepdims", 1) == 1;
    }

    /** x (1 + erf(x / sqrt(2))) / 2, halved last, or x first. */
    private void gelu(Node last) {
        Optional<String> half = constantOf(last).filter(name -> isScalar(name, 0.5));
        Optional<Node> product = other(last, half).flatMap(t -> inner(t, "Mul"));
        if (product.isPresent()) {
            Node factors = product.get();
            for (int side : new int[] {0, 1}) {
                if (isErrorFunctionOf(factors.input(1 - side), factors.input(side))) {
                    replaceByGelu(last, factors.input(side));
                    return;
                }
            }
        }
        for (int side : new int[] {0, 1}) {
            Optional<Node> halved = inner(last.input(side), "Mul");
            Optional<String> constant = halved.flatMap(this::constantOf).filter(name -> isScalar(name, 0.5));
            Optional<String> x = halved.flatMap(h -> other(h, constant));
            if (x.isPresent() && isErrorFunctionOf(last.input(1 - side), x.get())) {
                replaceByGelu(last, x.get());
                return;
            }
        }
    }

    private void replaceByGelu(Node last, String x) {
        editor.requireOpset(GELU_OPSET);
        editor.replace(last, Node.of("Gelu", last.name(), List.of(x), last.outputs()));
    }

    /** Whether a tensor is 1 + erf(x / sqrt(2)). */
    private boolean isErrorFunctionOf(String tensor, String x) {
        Optional<Node> sum = inner(tensor, "Add");
        Optional<String> one = sum.flatMap(this::constantOf).filter(name -> isScalar(name, 1));
        Optional<Node> scaled = sum.flatMap(s -> other(s, one))
                .flatMap(t -> inner(t, "Erf"))
                .flatMap(erf -> graph.producer(erf.input(0)));
        return scaled.filter(node -> node.input(0).equals(x)
                        && (node.op().equals("Div") && isScalar(node.input(1), Math.sqrt(2))
                                || node.op().equals("Mul") && isScalar(node.input(1), Math.sqrt(0.5))))
                .isPresent();
    }

    /** The node that makes a tensor, if only one other reads it. */
    private Optional<Node> inner(String tensor, String op) {
        return graph.producer(tensor)
                .filter(node -> node.op().equals(op) && graph.consumers(tensor).size() == 1 && !graph.isOutput(tensor));
    }

    /** The one of a node's two operands that is constant. */
    private Optional<String> constantOf(Node node) {
        boolean first = graph.initializer(node.input(0)).isPresent();
        boolean second = graph.initializer(node.input(1)).isPresent();
        return first == second ? Optional.empty() : Optional.of(node.input(first ? 0 : 1));
    }

    private static Optional<String> other(Node node, Optional<String> operand) {
        return operand.map(o -> node.input(node.input(0).equals(o) ? 1 : 0));
    }

    private boolean isVector(String name) {
        TensorValue value = graph.initializers().get(name);
        return value.shape().length == 1 && value.size() > 1;
    }

    private boolean isScalar(String name) {
        return graph.initializer(name).filter(value -> value.size() == 1).isPresent();
    }

    private boolean isScalar(String name, double expected) {
        return isScalar(name) && Math.abs(graph.initializers().get(name).scalarFloat() - expected) < TOLERANCE;
    }
}
