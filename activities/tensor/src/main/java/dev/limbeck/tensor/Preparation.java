package dev.limbeck.tensor;

import dev.limbeck.graph.ConstantFolding;
import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import dev.limbeck.graph.TensorValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings a graph into the form that the executor compiles.
 *
 * <p>What follows from constants becomes an initializer, and copies of initializers initializers of their own. Normalizations, and biases, that share an initializer, as exporters write where values happen to be equal, get one
 * each, since training moves them apart.
 */
final class Preparation {

    /** First input that must not be shared, by operator: statistics, scales and biases. */
    private static final Map<String, Integer> OWN_FROM = Map.of(
            "BatchNormalization", 1,
            "LayerNormalization", 1,
            "InstanceNormalization", 1,
            "GroupNormalization", 1,
            "Conv", 2,
            "ConvTranspose", 2,
            "Gemm", 2);

    private Preparation() {}

    static Graph prepare(Graph graph) {
        Graph folded = ConstantFolding.foldConstants(graph);
        GraphEditor editor = folded.edit();
        boolean changed = copies(folded, editor);
        changed |= untie(editor);
        return changed ? editor.build() : folded;
    }

    private static boolean copies(Graph graph, GraphEditor editor) {
        boolean changed = false;
        for (Node node : graph.nodes()) {
            TensorValue value = node.op().equals("Identity") ? editor.initializer(node.input(0)) : null;
            if (value != null) {
                editor.remove(node);
                editor.initializer(node.output(0), value);
                changed = true;
            }
        }
        return changed;
    }

    private static boolean untie(GraphEditor editor) {
        Map<String, Integer> readers = new HashMap<>();
        for (Node node : editor.nodes()) {
            node.inputs().forEach(i -> readers.merge(i, 1, Integer::sum));
        }
        boolean changed = false;
        for (Node node : editor.nodes()) {
            List<String> inputs = new ArrayList<>(node.inputs());
            for (int i = OWN_FROM.getOrDefault(node.op(), inputs.size()); i < inputs.size(); i++) {
                String name = inputs.get(i);
                TensorValue shared = editor.initializer(name);
                if (shared != null && readers.get(name) > 1) {
                    readers.merge(name, -1, Integer::sum);
                    inputs.set(i, editor.initializer(editor.unique(name), shared));
                }
            }
            if (!inputs.equals(node.inputs())) {
                editor.replace(node, node.withInputs(inputs));
                changed = true;
            }
        }
        return changed;
    }
}
