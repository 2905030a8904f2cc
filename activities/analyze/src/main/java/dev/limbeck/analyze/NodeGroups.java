package dev.limbeck.analyze;

import dev.limbeck.graph.Graph;
import dev.limbeck.graph.GraphEditor;
import dev.limbeck.graph.Node;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The layers of a network as people think of them: a node with the normalizations and activations that follow it. Nodes that ONNX Runtime
 * makes of them are found again by their names, which it derives from those of nodes and tensors.
 */
final class NodeGroups {

    /** Operators of one tensor that are computed along with the node before them. */
    private static final Set<String> FOLLOWING = Set.of(
            "BatchNormalization",
            "Relu",
            "Clip",
            "LeakyRelu",
            "PRelu",
            "HardSwish",
            "HardSigmoid",
            "Sigmoid",
            "Tanh",
            "Elu",
            "Selu",
            "Gelu",
            "Softplus",
            "Mish",
            "Identity",
            "Dropout");

    private final Map<String, Node> heads = new LinkedHashMap<>(); // by name of the layer
    private final Map<String, String> layers = new HashMap<>(); // by name of a node or tensor
    private final List<String> names;

    /** @param network whose nodes have names, as {@link #named} gives them */
    NodeGroups(Graph network) {
        network.inputs().forEach(input -> layers.put(input.name(), input.name()));
        for (Node node : network.nodes()) {
            Optional<Node> before = network.producer(node.input(0));
            boolean follows = FOLLOWING.contains(node.op()) && before.isPresent();
            String layer = follows ? layers.get(before.get().output(0)) : node.name();
            if (!follows) {
                heads.put(layer, node);
            }
            layers.putIfAbsent(node.name(), layer);
            node.outputs().stream().filter(o -> !o.isEmpty()).forEach(output -> layers.put(output, layer));
        }
        names = layers.keySet().stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    /** The same network, each node with a name of its own. */
    static Graph named(Graph network) {
        GraphEditor editor = network.edit();
        Set<String> taken = new HashSet<>();
        for (Node node : network.nodes()) {
            if (node.name().isEmpty() || !taken.add(node.name())) {
                String name = node.output(0);
                while (!taken.add(name)) {
                    name += "_";
                }
                editor.replace(node, node.withName(name));
            }
        }
        return editor.build();
    }

    /** By name, in the order of the graph: the node that each layer begins with. */
    Map<String, Node> heads() {
        return heads;
    }

    /** The layer that a node or tensor belongs to; its own name where that tells none. */
    String nameOf(String name) {
        return layerOf(name).orElse(name);
    }

    /** The layer that a node or tensor of the network belongs to, or one that was made of it; empty where the name tells none. */
    Optional<String> layerOf(String name) {
        String plain = name.replaceFirst("_token_\\d+$", "").replaceFirst("_(nchwc|nhwc)$", "");
        if (layers.containsKey(plain)) {
            return Optional.of(layers.get(plain));
        }
        return names.stream()
                .filter(known -> plain.startsWith(known + "_"))
                .findFirst()
                .map(layers::get);
    }

    /**
     * Nodes that ran, each with the layer that it belongs to; one without a name of the network's belongs to the layer before it.
     *
     * @param named names of what ran, in that order
     */
    List<String> layersOf(List<String> named) {
        List<String> found = new ArrayList<>();
        String last = layers.get(names.isEmpty() ? "" : firstOf(named));
        for (String name : named) {
            last = layerOf(name).orElse(last);
            found.add(last);
        }
        return found;
    }

    private String firstOf(List<String> named) {
        return named.stream()
                .map(this::layerOf)
                .flatMap(Optional::stream)
                .findFirst()
                .orElseGet(() -> heads.keySet().iterator().next());
    }
}
