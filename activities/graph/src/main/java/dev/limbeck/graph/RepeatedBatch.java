package dev.limbeck.graph;

import java.util.ArrayList;
import java.util.Arrays;
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
        long batch = graph.batch();
        List<Node> repeating = batch == ValueInfo.DYNAMIC
                ? List.of()
                : graph.nodes().stream()
                        .filter(node -> repeats(graph, node, batch))
                        .toList();
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
            editor.replace(node, node.withInputs(List.of(node.input(0), name)).withInteger("allowzero", 0));
        }
        return editor.build();
    }

    private static boolean repeats(Graph graph, Node node, long batch) {
        return node.op().equals("Reshape")
                && shape(graph, node)
                        .map(TensorValue::longs)
                        .filter(shape -> shape.length > 0 && shape[0] == batch)
                        .filter(shape -> node.integer("allowzero", 0) == 0
                                || Arrays.stream(shape).noneMatch(size -> size == 0))
                        .isPresent();
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
