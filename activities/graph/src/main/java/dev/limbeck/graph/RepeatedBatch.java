package dev.limbeck.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Networks that were exported for a fixed number of items, one as a rule, say that number again where they reshape: [1, -1] to flatten
 * an image. Copied from the input it is the same, and the network can be trained and calibrated on any number of items.
 */
final class RepeatedBatch {

    private static final long COPIED = 0; // what Reshape takes from its input

    private RepeatedBatch() {}

    /** @return a graph of the same function, whose inputs declare what they did; the given one where nothing is reshaped so */
    static Graph copied(Graph graph) {
        long batch = of(graph);
        List<Node> repeating = batch == ValueInfo.DYNAMIC
                ? List.of()
                : graph.nodes().stream().filter(node -> repeats(graph, node, batch)).toList();
        if (repeating.isEmpty()) {
            return graph;
        }
        Map<String, ValueInfo> shapes = ShapeInference.asDeclared(graph);
        List<Node> copying = new ArrayList<>(repeating);
        copying.removeIf(node -> !startsWith(shapes.get(node.input(0)), batch));
        if (copying.isEmpty()) {
            return graph;
        }
        GraphEditor editor = graph.edit();
        for (Node node : copying) {
            long[] shape = shape(graph, node).orElseThrow().longs();
            shape[0] = COPIED;
            String name = editor.initializer(editor.unique(node.input(1)), TensorValue.ofLongs(shape, shape.length));
            editor.replace(node, node.withInputs(List.of(node.input(0), name)));
        }
        return editor.build();
    }

    /** What all inputs declare as their first dimension. */
    private static long of(Graph graph) {
        List<Long> declared = graph.inputs().stream()
                .map(ValueInfo::shape)
                .map(shape -> shape == null || shape.length == 0 ? ValueInfo.DYNAMIC : shape[0])
                .distinct()
                .toList();
        return declared.size() == 1 ? declared.getFirst() : ValueInfo.DYNAMIC;
    }

    private static boolean repeats(Graph graph, Node node, long batch) {
        return node.op().equals("Reshape")
                && node.integer("allowzero", 0) == 0
                && shape(graph, node).map(TensorValue::longs).filter(s -> s.length > 0 && s[0] == batch).isPresent();
    }

    private static Optional<TensorValue> shape(Graph graph, Node node) {
        return graph.initializer(node.input(1))
                .or(() -> graph.producer(node.input(1))
                        .filter(producer -> producer.op().equals("Constant"))
                        .flatMap(Constants::value))
                .filter(value -> value.type() == ElementType.INT64);
    }

    private static boolean startsWith(ValueInfo tensor, long batch) {
        long[] shape = tensor == null ? null : tensor.shape();
        return shape != null && shape.length > 0 && shape[0] == batch;
    }
}
