package dev.limbeck.graph;

import dev.limbeck.schemas.BadInputException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts one graph in the place of a part of another. */
public final class Splice {

    private Splice() {}

    /**
     * Replaces what lies between two tensors.
     *
     * @param block a graph with one input, which takes what {@code from} holds, and one output, which becomes {@code to}
     * @param prefix put before the names of the block's nodes, tensors and initializers; a name that is taken all the same gets a
     *     number
     * @return the whole with the block in it; inputs, outputs, metadata and the tensors {@code from} and {@code to} keep their names
     * @throws BadInputException if the block's shapes do not fit, the tensors do not bound a part of the graph, or something inside
     *     the part is read outside it
     */
    public static Graph replace(Graph whole, String from, String to, Graph block, String prefix) {
        if (block.inputs().size() != 1 || block.outputs().size() != 1) {
            throw new BadInputException("a block needs one input and one output; '" + block.name() + "' has "
                    + block.inputs() + " and " + block.outputs());
        }
        List<Node> replaced = Subgraph.between(whole, from, to);
        requireClosed(whole, replaced, to);
        requireFit(whole, from, to, block);
        Graph fitted = OperatorSets.raised(block, whole.opset());
        GraphEditor editor = OperatorSets.raised(whole, fitted.opset()).edit();
        Node producer = whole.producer(to).orElseThrow();
        editor.nodes().stream()
                .filter(node -> node.outputs().equals(producer.outputs()))
                .findFirst()
                .ifPresent(editor::remove);
        insert(editor, from, to, fitted, prefix);
        return editor.build();
    }

    private static void insert(GraphEditor editor, String from, String to, Graph block, String prefix) {
        String input = block.inputs().getFirst().name();
        String output = block.outputs().getFirst().name();
        Map<String, String> names = new HashMap<>();
        names.put("", "");
        names.put(input, from);
        block.initializers().forEach((name, value) -> {
            names.put(name, editor.unique(prefix + name));
            editor.initializer(names.get(name), value);
        });
        if (block.producer(output).isEmpty()) {
            // The block hands its input, or a constant, through.
            editor.add(
                    Node.of("Identity", editor.unique(prefix + "identity"), List.of(names.get(output)), List.of(to)));
            return;
        }
        names.put(output, to);
        for (Node node : block.nodes()) {
            node.outputs().forEach(o -> names.computeIfAbsent(o, tensor -> editor.unique(prefix + tensor)));
            if (!Topology.captured(node).isEmpty()) {
                throw new BadInputException(
                        "node '" + node.label() + "' (" + node.op()
                                + ") reads tensors of the graph from within its own subgraph; such a block cannot be put elsewhere");
            }
            Node renamed = node.withInputs(
                            node.inputs().stream().map(names::get).toList())
                    .withOutputs(node.outputs().stream().map(names::get).toList());
            // A node is mostly named after its output; it may keep that name though the tensor has it.
            boolean own = node.name().isEmpty() || node.outputs().contains(node.name());
            editor.add(
                    renamed.withName(own ? names.getOrDefault(node.name(), "") : editor.unique(prefix + node.name())));
        }
    }

    private static void requireClosed(Graph whole, List<Node> replaced, String to) {
        Set<Node> inside = Collections.newSetFromMap(new IdentityHashMap<>());
        inside.addAll(replaced);
        Set<Node> onPath = Collections.newSetFromMap(new IdentityHashMap<>());
        onPath.addAll(Cuts.onPaths(whole));
        for (Node node : replaced) {
            // What depends on no input, such as a shared constant, may be read elsewhere too.
            if (!onPath.contains(node)) {
                continue;
            }
            for (String tensor : node.outputs()) {
                boolean readOutside = whole.isOutput(tensor)
                        || whole.consumers(tensor).stream().anyMatch(c -> !inside.contains(c));
                if (!tensor.equals(to) && readOutside) {
                    throw new BadInputException("tensor '" + tensor + "', which node '" + node.label()
                            + "' makes inside the part to be replaced, is also read outside it");
                }
            }
        }
    }

    private static void requireFit(Graph whole, String from, String to, Graph block) {
        Map<String, ValueInfo> infos = Subgraph.shapes(whole);
        ValueInfo input = block.inputs().getFirst();
        require(input, infos.get(from), "input");
        Map<String, ValueInfo> inner =
                ShapeInference.infer(block, Map.of(input.name(), infos.get(from).shape()));
        require(inner.get(block.outputs().getFirst().name()), infos.get(to), "output");
    }

    private static void require(ValueInfo block, ValueInfo whole, String side) {
        long[] own = block.shape();
        long[] there = whole.shape();
        boolean fits = own.length == there.length && block.type() == whole.type();
        for (int i = 0; fits && i < own.length; i++) {
            fits = own[i] == there[i] || own[i] == ValueInfo.DYNAMIC || there[i] == ValueInfo.DYNAMIC;
        }
        if (!fits) {
            throw new BadInputException("the block's " + side + " '" + block.name() + "' is " + block.type()
                    + Arrays.toString(own) + ", but tensor '" + whole.name() + "' in its place is " + whole.type()
                    + Arrays.toString(there));
        }
    }
}
