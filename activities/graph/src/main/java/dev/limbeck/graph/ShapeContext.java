package dev.limbeck.graph;

import java.util.Map;
import java.util.Optional;

/**
 * What shape inference knows so far.
 *
 * @param shapes every tensor up to the current node
 * @param constants integer tensors whose values follow from shapes alone
 */
record ShapeContext(Graph graph, Map<String, ValueInfo> shapes, Map<String, long[]> constants) {

    long[] shape(Node node, int input) {
        ValueInfo info = shapes.get(node.input(input));
        if (info == null) {
            throw new IllegalArgumentException("input " + input + " is missing");
        }
        return info.shape();
    }

    ElementType type(Node node, int input) {
        return shapes.get(node.input(input)).type();
    }

    /** The value of an integer input where it is known. */
    Optional<long[]> integers(Node node, int input) {
        if (!node.hasInput(input)) {
            return Optional.empty();
        }
        String name = node.input(input);
        if (constants.containsKey(name)) {
            return Optional.of(constants.get(name));
        }
        return graph.initializer(name).map(TensorValue::longs);
    }

    /** The value of an integer input that must be known for the output's shape to be known. */
    long[] knownIntegers(Node node, int input) {
        return integers(node, input)
                .orElseThrow(() -> new IllegalArgumentException("the shape depends on the values of '"
                        + node.input(input) + "', which are only known at run time"));
    }

    void set(Node node, int output, ElementType type, long... shape) {
        String name = node.output(output);
        if (!name.isEmpty()) {
            shapes.put(name, new ValueInfo(name, type, shape));
        }
    }

    void setConstant(Node node, long... values) {
        constants.put(node.output(0), values);
    }
}
