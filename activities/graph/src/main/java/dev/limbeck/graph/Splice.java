package dev.limbeck.graph;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts another graph into the place of a part. */
public final class Splice {

    private Splice() {}

    /**
     * Replaces what lies between two tensors that cut the graph.
     *
     * @param block a graph of one input and one output
     * @param prefix for the names of the block's nodes, tensors and weights
     * @return the whole with the block inside; the tensors {@code from} and {@code to} keep their names
     */
    public static Graph replace(Graph whole, String from, String to, Graph block, String prefix) {
        GraphEditor editor = whole.edit();
        Node maker = whole.producer(to).orElseThrow(() -> new IllegalArgumentException("no node makes '" + to + "'"));
        // What only the old part needs is no longer reachable from the outputs, and building drops it.
        editor.remove(maker);
        Map<String, String> names = new HashMap<>();
        names.put("", "");
        names.put(block.inputs().getFirst().name(), from);
        names.put(block.outputs().getFirst().name(), to);
        block.initializers().forEach((name, value) -> {
            String unique = editor.unique(prefix + name);
            names.put(name, unique);
            editor.initializer(unique, value);
        });
        Set<String> seen = new HashSet<>(names.keySet());
        for (Node node : block.nodes()) {
            for (String output : node.outputs()) {
                if (seen.add(output)) {
                    names.put(output, editor.unique(prefix + output));
                }
            }
            editor.add(node.withName(editor.unique(prefix + node.name()))
                    .withInputs(renamed(node.inputs(), names))
                    .withOutputs(renamed(node.outputs(), names)));
        }
        editor.requireOpset(block.opset());
        return editor.build();
    }

    private static List<String> renamed(List<String> tensors, Map<String, String> names) {
        return tensors.stream().map(names::get).toList();
    }
}
