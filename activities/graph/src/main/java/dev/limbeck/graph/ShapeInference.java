package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Types and shapes of all tensors of a graph for given inputs, by the rules of the ONNX operator specification.
 *
 * <p>Small integer tensors are followed through the nodes that compute shapes, so that exported networks with Shape, Gather and
 * Concat before a Reshape are understood.
 */
public final class ShapeInference {

    private ShapeInference() {}

    /** Every dynamic dimension that comes first in an input's shape is the given batch. */
    public static Map<String, ValueInfo> infer(Graph graph, long batch) {
        Map<String, long[]> shapes = new HashMap<>();
        for (ValueInfo input : graph.inputs()) {
            long[] shape = input.shape();
            if (shape.length > 0 && shape[0] == ValueInfo.DYNAMIC) {
                shape[0] = batch;
            }
            shapes.put(input.name(), shape);
        }
        return infer(graph, shapes);
    }

    /**
     * @param inputShapes shape of every input by name
     * @return every input, initializer and node's output by name
     * @throws BadInputException if a shape has an unknown dimension, an operator is not known, or its inputs do not fit; the
     *     message names the node
     */
    public static Map<String, ValueInfo> infer(Graph graph, Map<String, long[]> inputShapes) {
        ShapeContext context = new ShapeContext(graph, new LinkedHashMap<>(), new HashMap<>());
        for (ValueInfo input : graph.inputs()) {
            long[] shape = inputShapes.getOrDefault(input.name(), input.shape());
            if (Arrays.stream(shape).anyMatch(d -> d < 0)) {
                throw new BadInputException("network '" + graph.name() + "': input '" + input.name()
                        + "' has the shape " + Arrays.toString(shape) + " with unknown dimensions; give its shape");
            }
            context.shapes().put(input.name(), new ValueInfo(input.name(), input.type(), shape));
        }
        graph.initializers()
                .forEach((name, value) -> context.shapes().put(name, new ValueInfo(name, value.type(), value.shape())));
        for (Node node : graph.nodes()) {
            ShapeRules.Rule rule = ShapeRules.of(node);
            if (rule == null) {
                throw new BadInputException("network '" + graph.name() + "': node '" + node.label() + "' uses op '"
                        + node.op() + "', whose shape is not known (known: " + ShapeRules.known() + ")");
            }
            try {
                rule.infer(node, context);
            } catch (IndexOutOfBoundsException
                    | IllegalArgumentException
                    | ArithmeticException
                    | NullPointerException e) {
                throw new BadInputException(
                        "network '" + graph.name() + "': node '" + node.label() + "' (" + node.op()
                                + ") does not fit its inputs: " + e.getMessage(),
                        e);
            }
        }
        return context.shapes();
    }
}
